//! The code of the kernels, and which of it a GPU takes.

use std::io::Read;
use std::sync::Arc;

use cudarc::driver::{CudaContext, CudaModule};
use cudarc::nvrtc::Ptx;
use flate2::read::GzDecoder;

use crate::driver::{NoGpu, refused};

/// Made of `kernels/kernels.cu` by `tools/build_ptx`, for any GPU: the driver compiles it, which
/// takes seconds the first time, and depends on the driver's compiler.
const PTX: &str = include_str!("../kernels/kernels.ptx");

/// Code of a GPU's own, made of that.
struct Cubin {
    name: &'static str,
    major: i32,
    minor: i32,
    gzip: &'static [u8],
}

macro_rules! cubin {
    ($name:literal, $major:literal, $minor:literal) => {
        Cubin {
            name: $name,
            major: $major,
            minor: $minor,
            gzip: include_bytes!(concat!("../kernels/kernels.", $name, ".cubin.gz")),
        }
    };
}

const CUBINS: [Cubin; 4] = [
    cubin!("sm_80", 8, 0),
    cubin!("sm_90", 9, 0),
    cubin!("sm_100", 10, 0),
    cubin!("sm_120", 12, 0),
];

impl Cubin {
    /// That of a compute capability: it serves later minor versions of its major one as well.
    fn of((major, minor): (i32, i32)) -> Option<&'static Self> {
        let fits = |c: &&Self| c.major == major && c.minor <= minor;
        CUBINS.iter().find(fits)
    }

    fn bytes(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        GzDecoder::new(self.gzip).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The kernels, as the driver has them.
pub(crate) struct Code {
    pub(crate) module: Arc<CudaModule>,
    /// `PTX`, or the architecture of the code.
    pub(crate) name: &'static str,
}

impl Code {
    /// Loads what fits best. A driver may be older than the code for a GPU, or refuse it for other
    /// reasons; it compiles PTX then.
    pub(crate) fn load(context: &Arc<CudaContext>) -> Result<Self, NoGpu> {
        let of_gpu = context.compute_capability().ok().and_then(Cubin::of);
        if let Some(cubin) = of_gpu
            && let Ok(bytes) = cubin.bytes()
            && let Ok(module) = context.load_module(Ptx::from_binary(bytes))
        {
            let name = cubin.name;
            return Ok(Self { module, name });
        }
        let module = context
            .load_module(Ptx::from_src(PTX))
            .map_err(|e| refused("load the kernels", e))?;
        let name = "PTX";
        Ok(Self { module, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_capability_has_its_code() {
        let name = |major, minor| Cubin::of((major, minor)).map_or("PTX", |c| c.name);
        assert_eq!([name(7, 0), name(7, 5)], ["PTX"; 2]);
        assert_eq!([name(8, 0), name(8, 6), name(8, 9)], ["sm_80"; 3]);
        assert_eq!(name(9, 0), "sm_90");
        assert_eq!([name(10, 0), name(10, 3)], ["sm_100"; 2]);
        assert_eq!(name(11, 0), "PTX");
        assert_eq!([name(12, 0), name(12, 1)], ["sm_120"; 2]);
        assert_eq!(name(13, 0), "PTX");
    }

    #[test]
    fn code_unpacks_to_what_its_name_says() {
        for cubin in &CUBINS {
            let bytes = cubin.bytes().unwrap();
            assert_eq!(&bytes[..4], b"\x7fELF", "{}", cubin.name);
            // EM_CUDA, and the architecture among the flags: in their second byte from sm_100 on.
            assert_eq!(bytes[18..20], [190, 0], "{}", cubin.name);
            let [low, high] = [bytes[48], bytes[49]];
            let sm = if cubin.major < 10 { low } else { high };
            assert_eq!(format!("sm_{sm}"), cubin.name);
        }
    }
}
