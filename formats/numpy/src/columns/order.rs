//! Which column of an array of plain numbers is which.

use evz_core::{Error, Result, SensorSize, columns::Role};

/// For each role, in the order of [`Role::ALL`], the place of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order(pub(crate) [usize; 4]);

/// The orders that people use; another one must be told.
const USUAL: [&str; 3] = ["txyp", "xytp", "xypt"];

impl Order {
    /// The order of four letters, each of them once.
    ///
    /// # Errors
    /// If the letters are others.
    pub(crate) fn parse(letters: &str) -> Result<Self> {
        let place = |role: &Role| letters.find(role.letter());
        let places = Role::ALL.each_ref().map(place);
        match places {
            [Some(t), Some(x), Some(y), Some(p)] if letters.len() == 4 => Ok(Self([t, x, y, p])),
            _ => Err(Error::invalid(format!(
                "no column order {letters:?}; it is the letters t, x, y and p, each once, such as txyp"
            ))),
        }
    }
}

impl std::fmt::Display for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (0..4).try_for_each(|place| {
            let role = self.0.iter().position(|p| *p == place).unwrap_or(0);
            f.write_str(Role::ALL[role].letter())
        })
    }
}

/// What the numbers of a column have in common.
struct Shape {
    is_polarity: bool,
    is_coordinate: bool,
    rises: bool,
    max: f64,
}

impl Shape {
    fn of(values: &[f64]) -> Self {
        let all = |keeps: fn(f64) -> bool| values.iter().all(|v| keeps(*v));
        let falls = values.windows(2).filter(|pair| pair[1] < pair[0]).count();
        Self {
            is_polarity: all(|v| v == 0.0 || v == 1.0) || all(|v| v.abs() == 1.0),
            is_coordinate: all(|v| f64::from(v as u16) == v),
            // A camera's packets may run back a little, while a coordinate falls every other event.
            rises: falls * 50 <= values.len(),
            max: values.iter().copied().fold(0.0, f64::max),
        }
    }

    fn is_time(&self) -> bool {
        self.rises || !self.is_coordinate
    }
}

/// The order of the columns by their first values, if that is safe: one of the orders in use fits,
/// and no other.
///
/// # Errors
/// If several fit or none.
pub(crate) fn find_order(
    place: &str,
    columns: &[Vec<f64>; 4],
    size: Option<SensorSize>,
) -> Result<Order> {
    if columns[0].is_empty() {
        // Without rows any order will do.
        return Order::parse(USUAL[0]);
    }
    let shapes = columns.each_ref().map(|values| Shape::of(values));
    let ambiguous = |what: String| Error::ambiguous(place, what);
    let mut fitting = Vec::new();
    for letters in USUAL {
        let order = Order::parse(letters)?;
        let [t, x, y, p] = order.0.map(|place| &shapes[place]);
        if t.is_time() && x.is_coordinate && y.is_coordinate && p.is_polarity {
            fitting.push((letters, order));
        }
    }
    let (letters, order) = match fitting.as_slice() {
        [one] => *one,
        [] => {
            return Err(ambiguous(
                "the values of its four columns do not say which is which; pass --columns, such as --columns txyp".to_owned(),
            ));
        }
        several => {
            let options: Vec<String> = several
                .iter()
                .map(|(letters, _)| format!("--columns {letters}"))
                .collect();
            return Err(ambiguous(format!(
                "its four columns can be read in several ways; pass {}",
                options.join(" or ")
            )));
        }
    };
    let [_, x, y, _] = order.0.map(|place| shapes[place].max);
    if let Some(size) = size {
        let fits = |x: f64, y: f64| x < f64::from(size.width) && y < f64::from(size.height);
        if !fits(x, y) && fits(y, x) {
            let swapped = letters
                .replace('x', "?")
                .replace('y', "x")
                .replace('?', "y");
            return Err(ambiguous(format!(
                "read as {letters} it has x up to {x} and y up to {y}, which is beyond {size}, but {swapped} fits; pass --columns {letters} or --columns {swapped}"
            )));
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: [f64; 4] = [0.5, 1.5, 1.5, 2.25];
    const X: [f64; 4] = [10.0, 3.0, 200.0, 4.0];
    const Y: [f64; 4] = [90.0, 30.0, 100.0, 7.0];
    const P: [f64; 4] = [1.0, 0.0, 0.0, 1.0];

    fn find(columns: [[f64; 4]; 4], size: Option<(u32, u32)>) -> Result<String> {
        let size = size.map(|(width, height)| SensorSize { width, height });
        find_order("a", &columns.map(|c| c.to_vec()), size).map(|order| order.to_string())
    }

    #[test]
    fn orders_in_use() {
        assert_eq!(find([T, X, Y, P], None).unwrap(), "txyp");
        assert_eq!(find([X, Y, T, P], None).unwrap(), "xytp");
        assert_eq!(find([X, Y, P, T], None).unwrap(), "xypt");
    }

    #[test]
    fn what_is_not_safe_is_asked_for() {
        for columns in [[P, T, X, Y], [X, T, Y, P], [P; 4], [X, Y, P, P]] {
            let error = find(columns, None).unwrap_err();
            assert!(error.to_string().contains("pass --columns"), "{error}");
        }
        let error = find([T, X, Y, P], Some((150, 250))).unwrap_err();
        assert!(error.to_string().contains("--columns tyxp"), "{error}");
    }

    #[test]
    fn orders_that_are_told() {
        assert_eq!(Order::parse("pyxt").unwrap().0, [3, 2, 1, 0]);
        assert_eq!(Order::parse("pyxt").unwrap().to_string(), "pyxt");
        for letters in ["", "txy", "txyy", "txypp", "TXYP", "txyé"] {
            assert!(Order::parse(letters).is_err(), "{letters}");
        }
    }
}
