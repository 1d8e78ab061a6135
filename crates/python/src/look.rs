//! What frames are.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use evz::render::{
    ArrayType, Choices, FrameSpec, Normalization, Preparation, PreparationChoices, Preparer,
    Preset, RectifyMap, Representation,
};
use evz::{Error, EventIndex, Result, SensorSize, StreamInfo};
use numpy::{PyArrayDyn, PyArrayMethods};
use pyo3::prelude::*;

use crate::arrays::array;
use crate::errors::OrRaise;
use crate::memory::Block;
use crate::selection::region;

/// What frames are, as Python tells it: a dict, of which what is not told is left out.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Look {
    mode: Option<String>,
    #[pyo3(default)]
    like: Option<String>,
    #[pyo3(default)]
    bins: Option<usize>,
    /// In seconds.
    #[pyo3(default)]
    tau: Option<f64>,
    #[pyo3(default)]
    depth: Option<usize>,
    #[pyo3(default)]
    split_polarity: bool,
    #[pyo3(default)]
    span: Option<String>,
    #[pyo3(default)]
    bin_places: Option<String>,
    /// Width and height.
    #[pyo3(default)]
    size: Option<(u32, u32)>,
    #[pyo3(default)]
    channels: Option<String>,
    #[pyo3(default)]
    clip: Option<f32>,
    #[pyo3(default)]
    normalize: Option<Normalize>,
    /// As NumPy writes it: `<f4`.
    #[pyo3(default)]
    dtype: Option<String>,
    /// An array of 32-bit floats, or a path.
    #[pyo3(default)]
    rectify: Option<Py<PyAny>>,
    /// Left, top, width and height.
    #[pyo3(default)]
    crop: Option<(i64, i64, i64, i64)>,
    #[pyo3(default)]
    resize: Option<(u32, u32)>,
    #[pyo3(default)]
    resize_by: Option<String>,
    #[pyo3(default)]
    pad_to: Option<(u32, u32)>,
    #[pyo3(default)]
    pad_multiple: Option<u32>,
    #[pyo3(default)]
    reverse_time: bool,
}

/// A way to normalise by its name, or a number to divide by.
#[derive(Debug, FromPyObject)]
enum Normalize {
    /// Which is no number here.
    Flag(bool),
    Name(String),
    By(f32),
}

/// The mode by its name; the type of the values as NumPy writes it; and whether they are prepared.
type Described = (&'static str, &'static str, bool);

/// The names of the representations, and what each is in a line.
#[pyfunction]
pub(crate) fn modes() -> Vec<(&'static str, &'static str)> {
    let facts = Representation::ALL.map(Representation::facts);
    facts.map(|of| (of.name, of.line)).into()
}

/// The names of the presets, and what each is in a line.
#[pyfunction]
pub(crate) fn presets() -> Vec<(&'static str, String)> {
    let line = |of: Preset| format!("{}: {}; {}", of.axes, of.line, of.source);
    Preset::ALL.map(|of| (of.name, line(of))).into()
}

/// What comes of a look.
#[pyfunction]
pub(crate) fn described(py: Python<'_>, look: Look) -> PyResult<Described> {
    let made = look.made().or_raise(py)?;
    let name = made.representation.facts().name;
    Ok((name, made.array_type.descr(), made.preparer.is_some()))
}

/// For how many seconds before its end the events of a frame with memory count; none, if all do.
#[pyfunction]
pub(crate) fn memory_reach(py: Python<'_>, look: Look) -> PyResult<Option<f64>> {
    let reversed = look.reverse_time;
    let reach = (look.made()).and_then(|made| made.representation.memory_reach(reversed));
    Ok(reach.or_raise(py)?.map(|reach| reach.as_secs_f64()))
}

/// What a look stands for.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) representation: Representation,
    /// What prepares the frames, if they are not as they are painted.
    pub(crate) preparer: Option<Preparer>,
    /// The type that values are wanted in. Those of the preparer are of another one where not every value may
    /// fit: who has them then looks before they are cut.
    array_type: ArrayType,
}

impl Made {
    /// The type of the values as they are made.
    pub(crate) fn painted_type(&self) -> ArrayType {
        match &self.preparer {
            Some(preparer) => preparer.array_type(),
            None => self.representation.value_type().into(),
        }
    }
}

impl Look {
    /// What it stands for.
    pub(crate) fn made(&self) -> Result<Made> {
        let preset = self.preset()?;
        let representation = self.representation(preset)?;
        let (mut preparation, told) = self.preparation(preset)?;
        let plain = preparation.of(representation)?.array_type();
        let array_type = told.unwrap_or(plain);
        let most = preparation.clip.unwrap_or(f32::INFINITY);
        let holds_all = match (plain, array_type) {
            (_, ArrayType::F16 | ArrayType::F32) => true,
            (ArrayType::U16, ArrayType::U8) => most <= 255.0,
            _ => false,
        };
        if holds_all && plain != array_type {
            preparation.array_type = Some(array_type);
        }
        Ok(Made {
            representation,
            preparer: match preparation.is_none() {
                true => None,
                false => Some(preparation.of(representation)?),
            },
            array_type,
        })
    }

    fn preset(&self) -> Result<Option<Preset>> {
        let Some(name) = &self.like else {
            return Ok(None);
        };
        let told = [
            ("mode", self.mode.is_some()),
            ("split_polarity", self.split_polarity),
            ("span", self.span.is_some()),
            ("bin_places", self.bin_places.is_some()),
            ("depth", self.depth.is_some()),
        ];
        match told.iter().find(|(_, told)| *told) {
            Some((argument, _)) => Err(Error::invalid(format!(
                "like={name:?} says the mode and its options, and {argument}= too; leave one of them out"
            ))),
            None => name.parse().map(Some),
        }
    }

    fn representation(&self, preset: Option<Preset>) -> Result<Representation> {
        let of = match (preset, self.mode.as_deref()) {
            (Some(preset), _) => preset.representation,
            (None, mode) => by_name(mode.unwrap_or("voxel"))?,
        };
        let tau = self.tau.map(Duration::try_from_secs_f64).transpose();
        let mut choices = Choices::default();
        choices.bins = self.bins;
        choices.tau = tau.map_err(|_| Error::invalid("a decay takes a tau of more than 0"))?;
        choices.depth = self.depth;
        choices.split_polarity = self.split_polarity.then_some(true);
        choices.span = parsed(&self.span)?;
        choices.bin_places = parsed(&self.bin_places)?;
        match choices.without_use(of) {
            Some((choice, why)) => Err(Error::invalid(format!(
                "{} has no {choice}: {why}; leave it out",
                of.facts().name
            ))),
            None => Ok(choices.of(of)),
        }
    }

    /// How values are prepared, but for their type; and the type that they are wanted in, if one is told.
    fn preparation(&self, preset: Option<Preset>) -> Result<(Preparation, Option<ArrayType>)> {
        let mut choices = PreparationChoices::default();
        choices.channels = parsed(&self.channels)?;
        choices.clip = self.clip;
        choices.normalize = match &self.normalize {
            None => None,
            Some(Normalize::Flag(flag)) => Some(flag.to_string().parse()?),
            Some(Normalize::Name(name)) => Some(name.parse()?),
            Some(Normalize::By(by)) => Some(Normalization::By(*by)),
        };
        choices.crop = self.crop.map(region).transpose()?;
        choices.resize = self.resize.map(size);
        choices.resize_by = parsed(&self.resize_by)?;
        choices.pad_to = self.pad_to.map(size);
        choices.pad_multiple = self.pad_multiple;
        let mut preparation = choices.of(preset)?;
        let told = preparation.array_type.take();
        let dtype = self.dtype.as_deref();
        let known = ArrayType::ALL.into_iter();
        let known = known.map(|of| (of.descr(), of));
        let dtype = dtype.and_then(|dtype| known.clone().find(|(descr, _)| *descr == dtype));
        Ok((preparation, dtype.map(|(_, of)| of).or(told)))
    }

    /// The map to rectify by, if one is told; `"calibration"` is that of the recording.
    pub(crate) fn map(
        &self,
        py: Python<'_>,
        info: &StreamInfo,
    ) -> PyResult<Option<Arc<RectifyMap>>> {
        let Some(told) = &self.rectify else {
            return Ok(None);
        };
        let told = told.bind(py);
        let map = match told.cast::<PyArrayDyn<f32>>() {
            Ok(array) => {
                let array = array.try_readonly()?;
                let array = array.as_array();
                let shape: Vec<u64> = array.shape().iter().map(|side| *side as u64).collect();
                RectifyMap::from_array(&shape, array.iter().copied(), "rectify")
            }
            Err(_) => {
                let path: PathBuf = told.extract()?;
                py.detach(|| match path.as_os_str() == "calibration" {
                    true => evz::rectify_map_of(info, "the recording"),
                    false => evz::rectify_map(evz::input_of(&path)?),
                })
            }
        };
        Ok(Some(Arc::new(map.or_raise(py)?)))
    }

    /// The frames of a file that look so.
    pub(crate) fn spec(
        &self,
        file: &evz::Reader,
        of: Representation,
        map: Option<&RectifyMap>,
    ) -> FrameSpec {
        let extent = EventIndex::extent(file);
        let known = self.size.map(size).or(file.info().size);
        FrameSpec {
            reversed: self.reverse_time,
            representation: of,
            size: known.or(map.map(RectifyMap::size)).unwrap_or(SensorSize {
                width: u32::from(extent.x_max) + 1,
                height: u32::from(extent.y_max) + 1,
            }),
            time_base: file.info().time_base,
        }
    }
}

fn size((width, height): (u32, u32)) -> SensorSize {
    SensorSize { width, height }
}

/// Channels, height and width.
pub(crate) fn shape(spec: &FrameSpec) -> [usize; 3] {
    let SensorSize { width, height } = spec.representation.frame_size(spec.size);
    [
        spec.representation.channels(),
        height as usize,
        width as usize,
    ]
}

/// Values of a frame of this shape.
pub(crate) fn frame_len(shape: [usize; 3]) -> usize {
    shape.into_iter().fold(1, usize::saturating_mul)
}

/// So many values of a block as a flat array.
pub(crate) fn flat(
    py: Python<'_>,
    block: Block,
    values: usize,
    of_type: ArrayType,
) -> PyResult<Bound<'_, PyAny>> {
    Ok(match of_type {
        ArrayType::U8 => array::<u8>(py, block, values)?.into_any(),
        ArrayType::I16 => array::<i16>(py, block, values)?.into_any(),
        // Those of half precision as their bits.
        ArrayType::U16 | ArrayType::F16 => array::<u16>(py, block, values)?.into_any(),
        ArrayType::F32 => array::<f32>(py, block, values)?.into_any(),
    })
}

/// What a text of Python stands for.
fn parsed<T: std::str::FromStr<Err = Error>>(text: &Option<String>) -> Result<Option<T>> {
    text.as_deref().map(str::parse).transpose()
}

/// A representation by its name.
fn by_name(mode: &str) -> Result<Representation> {
    let known = Representation::ALL;
    let found = known.into_iter().find(|r| r.facts().name == mode);
    found.ok_or_else(|| {
        let names = known.map(|r| r.facts().name);
        let names = evz::alternatives(&names);
        Error::invalid(format!("there is no mode {mode:?}; it is {names}"))
    })
}
