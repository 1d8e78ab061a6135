//! What stands before the values of a NumPy array in a file.
//!
//! After the numpy reference, `numpy.lib.format`, "Format Version 1.0": magic, version, the length
//! of a text, and the text, which is a Python dictionary.

/// What every array starts with.
pub const MAGIC: [u8; 6] = *b"\x93NUMPY";

/// Values start at a multiple of this, as numpy has it, so that they can be mapped.
const ALIGN: usize = 64;

/// The type and the shape of an array.
#[derive(Debug, Clone, Copy)]
pub struct NpyHeader<'a> {
    /// The type of a value as Python writes it: `'<i2'` with its quotes, or a list of fields.
    pub descr: &'a str,
    /// Whether the first index runs fastest.
    pub fortran_order: bool,
    /// How many values along each index; none for a single value.
    pub shape: &'a [u64],
    /// What stands behind it as a remark of Python, which numpy reads over; empty for none.
    pub remark: &'a str,
}

impl NpyHeader<'_> {
    /// The bytes before the values: at least `min_len` of them, so that a header whose shape grows
    /// can be written over.
    ///
    /// # Panics
    /// If the text is longer than version 1.0 can say, 65,535 bytes: the types of events and frames
    /// take a few hundred.
    pub fn to_bytes(&self, min_len: usize) -> Vec<u8> {
        let Self {
            descr,
            fortran_order,
            shape,
            remark,
        } = self;
        let fortran_order = if *fortran_order { "True" } else { "False" };
        let shape = match shape {
            // A comma makes a tuple of a single number.
            [len] => format!("({len},)"),
            shape => {
                let sides: Vec<_> = shape.iter().map(u64::to_string).collect();
                format!("({})", sides.join(", "))
            }
        };
        let mut text =
            format!("{{'descr': {descr}, 'fortran_order': {fortran_order}, 'shape': {shape}, }}");
        if !remark.is_empty() {
            text.push_str(" # ");
            text.push_str(remark);
        }
        // Magic, version, length of the text, and the line end behind it.
        let bare = MAGIC.len() + 2 + 2 + text.len() + 1;
        let len = bare.max(min_len).next_multiple_of(ALIGN);
        text.push_str(&" ".repeat(len - bare));
        text.push('\n');
        let text_len = u16::try_from(text.len()).expect("types and shapes of ours are short");
        [
            &MAGIC[..],
            &[1, 0],
            &text_len.to_le_bytes(),
            text.as_bytes(),
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_numpy() {
        let header = |descr, shape, min_len| {
            let header = NpyHeader {
                descr,
                fortran_order: false,
                shape,
                remark: "",
            };
            header.to_bytes(min_len)
        };
        // numpy.save of arange(3, dtype='<i2') writes this.
        let text = "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }";
        let expected = format!("\u{1}\0\u{76}\0{text}{}\n", " ".repeat(0x75 - text.len()));
        let bytes = header("'<i2'", &[3], 0);
        assert_eq!(bytes.len(), 128);
        assert_eq!(bytes[..6], MAGIC);
        assert_eq!(bytes[6..], *expected.as_bytes());
        for (shape, written) in [
            (&[][..], "'shape': (), }"),
            (&[1, 2, 3, 4], "'shape': (1, 2, 3, 4), }"),
        ] {
            let bytes = header("'<f4'", shape, 200);
            assert_eq!(bytes.len(), 256);
            assert!(String::from_utf8_lossy(&bytes).contains(written));
        }
    }
}
