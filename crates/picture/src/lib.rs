//! Frames as pictures, and pictures as files.
//!
//! A [`Style`] draws a [`Frame`](evz_render::Frame) into a [`Picture`], whose pixels are indices into a
//! [`Palette`]. A [`PictureEncoder`] turns it into the bytes of a [`PictureFormat`]. Both take no more
//! than they are given and run on any thread; what is left for one thread is to hand the bytes to a
//! [`Movie`] in their order, or for PNG to write each into a file of its own ([`NumberedFiles`]).
//!
//! ```
//! use evz_picture::{MovieOptions, Picture, PictureFormat, Style};
//! use evz_render::{Frame, Representation, Values};
//!
//! let style = Style::new(Representation::Signed).with_scale("p99".parse()?);
//! let options = MovieOptions::new(PictureFormat::Gif, 2, 1, style.palette());
//! let encoder = options.encoder();
//! let mut movie = options.create(Vec::new(), "out.gif")?;
//!
//! let frame = Frame {
//!     width: 2,
//!     height: 1,
//!     channels: 1,
//!     window: 0..10,
//!     first: None,
//!     n_events: 2,
//!     values: Values::I16(vec![1, -1]),
//! };
//! let (mut picture, mut bytes) = (Picture::default(), Vec::new());
//! style.draw(&frame, &mut picture)?;
//! encoder.encode(&picture, &mut bytes)?;
//! movie.push(&bytes)?;
//! let gif = movie.finish()?;
//! assert!(gif.starts_with(b"GIF89a"));
//! # Ok::<(), evz_core::Error>(())
//! ```
#![forbid(unsafe_code)]

mod apng;
mod beside;
mod camera;
mod dilate;
mod encoder;
mod ffmpeg;
mod ffplay;
mod format;
mod frame_rate;
mod gif;
mod grey;
mod ground;
mod half_blocks;
mod kitty;
mod lzw;
mod marks;
mod movie;
mod movie_options;
mod numbered;
mod over;
mod overlay;
mod palette;
mod pixels;
mod plot;
mod png;
mod program;
mod resample;
mod scale;
mod sixel;
mod style;
mod time_stamp;
mod traces;
mod upscale;
mod values;
mod y4m;
mod yuv420;

pub use beside::Beside;
pub use camera::CameraFrame;
pub use encoder::PictureEncoder;
pub use ffplay::Ffplay;
pub use format::PictureFormat;
pub use frame_rate::{DEFAULT_FRAME_RATE, FrameRate};
pub use grey::grey_png;
pub use ground::Ground;
pub use half_blocks::{ColorDepth, HalfBlocks};
pub use kitty::{kitty, kitty_delete};
pub use marks::Mark;
pub use movie::Movie;
pub use movie_options::MovieOptions;
pub use numbered::NumberedFiles;
pub use palette::{Colors, Palette, Theme};
pub use pixels::Picture;
pub use plot::{LineColor, Plot, PlotLine};
pub use scale::{DEFAULT_SCALE, Scale};
pub use sixel::sixel;
pub use style::Style;
pub use time_stamp::TimeStamp;
pub use traces::Trace;
