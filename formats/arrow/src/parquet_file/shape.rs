//! What the fields of Parquet's structures are, by
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>. The `parquet` crate takes a field
//! that it knows for what it should be, whatever it says that it is.

use super::thrift::{
    BINARY, BYTE, DOUBLE, FALSE, Fields, I16, I32, I64, LIST, STRUCT, TRUE, Unread,
};

/// A structure: the numbers of its fields, and what they are.
pub(super) struct Shape(&'static [(i64, Is)]);

/// What a field is.
#[derive(Clone, Copy)]
enum Is {
    /// Of a type that has no parts.
    Plain(u8),
    /// Of 16, 32 or 64 bits, which look the same.
    Int,
    Bool,
    List(&'static Is),
    Struct(&'static Shape),
}

use Is::{Bool, Int, List, Plain, Struct};

const TEXT: Is = Plain(BINARY);
const EMPTY: Shape = Shape(&[]);

pub(super) static PAGE_HEADER: Shape = Shape(&[
    (1, Int),
    (2, Int),
    (3, Int),
    (4, Int),
    (
        5,
        Struct(&Shape(&[
            (1, Int),
            (2, Int),
            (3, Int),
            (4, Int),
            (5, Struct(&STATISTICS)),
        ])),
    ),
    (6, Struct(&EMPTY)),
    (7, Struct(&Shape(&[(1, Int), (2, Int), (3, Bool)]))),
    (
        8,
        Struct(&Shape(&[
            (1, Int),
            (2, Int),
            (3, Int),
            (4, Int),
            (5, Int),
            (6, Int),
            (7, Bool),
            (8, Struct(&STATISTICS)),
        ])),
    ),
]);

pub(super) static OFFSET_INDEX: Shape = Shape(&[
    (1, List(&Struct(&Shape(&[(1, Int), (2, Int), (3, Int)])))),
    (2, List(&Int)),
]);

pub(super) static FILE_METADATA: Shape = Shape(&[
    (1, Int),
    (2, List(&Struct(&SCHEMA_ELEMENT))),
    (3, Int),
    (4, List(&Struct(&ROW_GROUP))),
    (5, List(&Struct(&KEY_VALUE))),
    (6, TEXT),
    // Of a union of orders, which are empty.
    (7, List(&Struct(&Shape(&[(1, Struct(&EMPTY))])))),
]);

pub(super) static SCHEMA_ELEMENT: Shape = Shape(&[
    (1, Int),
    (2, Int),
    (3, Int),
    (4, TEXT),
    (5, Int),
    (6, Int),
    (7, Int),
    (8, Int),
    (9, Int),
    (10, Struct(&LOGICAL_TYPE)),
]);

static LOGICAL_TYPE: Shape = Shape(&[
    (1, Struct(&EMPTY)),
    (2, Struct(&EMPTY)),
    (3, Struct(&EMPTY)),
    (4, Struct(&EMPTY)),
    (5, Struct(&Shape(&[(1, Int), (2, Int)]))),
    (6, Struct(&EMPTY)),
    (7, Struct(&TIME)),
    (8, Struct(&TIME)),
    (10, Struct(&Shape(&[(1, Plain(BYTE)), (2, Bool)]))),
    (11, Struct(&EMPTY)),
    (12, Struct(&EMPTY)),
    (13, Struct(&EMPTY)),
    (14, Struct(&EMPTY)),
    (15, Struct(&EMPTY)),
    (16, Struct(&Shape(&[(1, Plain(BYTE))]))),
    (17, Struct(&Shape(&[(1, TEXT)]))),
    (18, Struct(&Shape(&[(1, TEXT), (2, Int)]))),
]);

/// Of a time or a timestamp: whether it is of UTC, and its unit.
static TIME: Shape = Shape(&[
    (1, Bool),
    (
        2,
        Struct(&Shape(&[
            (1, Struct(&EMPTY)),
            (2, Struct(&EMPTY)),
            (3, Struct(&EMPTY)),
        ])),
    ),
]);

static ROW_GROUP: Shape = Shape(&[
    (1, List(&Struct(&COLUMN_CHUNK))),
    (2, Int),
    (3, Int),
    (4, List(&Struct(&Shape(&[(1, Int), (2, Bool), (3, Bool)])))),
    (5, Int),
    (6, Int),
    (7, Int),
]);

static COLUMN_CHUNK: Shape = Shape(&[
    (1, TEXT),
    (2, Int),
    (3, Struct(&COLUMN_METADATA)),
    (4, Int),
    (5, Int),
    (6, Int),
    (7, Int),
]);

static COLUMN_METADATA: Shape = Shape(&[
    (1, Int),
    (2, List(&Int)),
    (3, List(&TEXT)),
    (4, Int),
    (5, Int),
    (6, Int),
    (7, Int),
    (8, List(&Struct(&KEY_VALUE))),
    (9, Int),
    (10, Int),
    (11, Int),
    (12, Struct(&STATISTICS)),
    (13, List(&Struct(&Shape(&[(1, Int), (2, Int), (3, Int)])))),
    (14, Int),
    (15, Int),
    (
        16,
        Struct(&Shape(&[(1, Int), (2, List(&Int)), (3, List(&Int))])),
    ),
    (
        17,
        Struct(&Shape(&[(1, Struct(&BOUNDING_BOX)), (2, List(&Int))])),
    ),
]);

static KEY_VALUE: Shape = Shape(&[(1, TEXT), (2, TEXT)]);

static STATISTICS: Shape = Shape(&[
    (1, TEXT),
    (2, TEXT),
    (3, Int),
    (4, Int),
    (5, TEXT),
    (6, TEXT),
    (7, Bool),
    (8, Bool),
]);

static BOUNDING_BOX: Shape = Shape(&[
    (1, Plain(DOUBLE)),
    (2, Plain(DOUBLE)),
    (3, Plain(DOUBLE)),
    (4, Plain(DOUBLE)),
    (5, Plain(DOUBLE)),
    (6, Plain(DOUBLE)),
    (7, Plain(DOUBLE)),
    (8, Plain(DOUBLE)),
]);

impl Shape {
    /// Goes over a structure of this shape, and what is in it; `look` at each of its fields before that.
    pub(super) fn check<'a>(
        &self,
        fields: &mut Fields<'a>,
        mut look: impl FnMut(i64, Fields<'a>) -> Result<(), Unread>,
    ) -> Result<(), Unread> {
        let mut id = 0;
        while let Some((field, kind)) = fields.field(id)? {
            id = field;
            let known = self.0.iter().find(|(number, _)| *number == id);
            let before = fields.clone();
            match known {
                Some((_, is)) => is.check(fields, kind)?,
                None => fields.skip(kind)?,
            }
            look(id, before)?;
        }
        Ok(())
    }
}

impl Is {
    fn check(self, fields: &mut Fields<'_>, kind: u8) -> Result<(), Unread> {
        let is_so = match self {
            Plain(of) => kind == of,
            Int => [I16, I32, I64].contains(&kind),
            Bool => [TRUE, FALSE].contains(&kind),
            List(_) => kind == LIST,
            Struct(_) => kind == STRUCT,
        };
        if !is_so {
            return Err(Unread::Bad("it has a field that is not what it should be"));
        }
        match self {
            Plain(_) | Int | Bool => fields.skip(kind),
            Struct(shape) => shape.check(fields, |_, _| Ok(())),
            List(of) => {
                let (kind, n) = fields.list()?;
                (0..n).try_for_each(|_| of.check(fields, kind))
            }
        }
    }
}
