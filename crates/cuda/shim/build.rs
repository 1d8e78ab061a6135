//! Compiles the kernels for the host, three times: plain, with checks of addresses and undefined
//! behaviour, and with the finder of races. Each is a library that also answers as the driver.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: [&str; 4] = ["fibers.cpp", "kernels.cpp", "launch.cpp", "fake_driver.cpp"];

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    // Planted mistakes are tried on a copy of the kernels.
    println!("cargo:rerun-if-env-changed=EVZ_KERNELS");
    let kernels =
        std::env::var_os("EVZ_KERNELS").map_or_else(|| PathBuf::from("../kernels"), PathBuf::from);
    let kernels = fs::canonicalize(kernels).expect("the folder of the kernels");
    println!("cargo:rerun-if-changed=cpp");
    println!("cargo:rerun-if-changed={}", kernels.display());
    let main = fs::read_to_string(kernels.join("kernels.cu")).expect("kernels.cu");
    let own = fs::read_to_string("cpp/self_test.cu").expect("self_test.cu");
    fs::write(out.join("entries.inc"), entries(&main) + &entries(&own)).expect("room in OUT_DIR");

    build(&out, &kernels, "plain", &["-O2"]);
    build(
        &out,
        &kernels,
        "address",
        &[
            "-O1",
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=all",
            "-fsanitize-sections=evz_shared",
        ],
    );
    build(&out, &kernels, "thread", &["-O1", "-fsanitize=thread"]);
    let old = out.join("old");
    fs::create_dir_all(&old).expect("room in OUT_DIR");
    let mut command = compiler();
    command.args(["-shared", "-fPIC", "cpp/old_driver.cpp", "-o"]);
    command.arg(old.join("libcuda.so"));
    run(command, "old_driver");
    for (name, file) in [("EVZ_LIBASAN", "libasan.so"), ("EVZ_LIBTSAN", "libtsan.so")] {
        let path = ask_compiler(&format!("-print-file-name={file}"));
        println!("cargo:rustc-env={name}={path}");
    }
}

/// A line for each `extern "C" __global__` function.
fn entries(source: &str) -> String {
    let mut lines = String::new();
    for piece in source.split("extern \"C\" __global__").skip(1) {
        // void __launch_bounds__(256) name(
        let piece = piece
            .trim_start()
            .strip_prefix("void")
            .expect("a kernel returns nothing");
        let piece = match piece.trim_start().strip_prefix("__launch_bounds__") {
            Some(bounds) => bounds.split_once(')').expect("bounds end").1,
            None => piece,
        };
        let name = piece.split_once('(').expect("parameters").0.trim();
        lines.push_str(&format!("EVZ_ENTRY({name})\n"));
    }
    lines
}

fn compiler() -> Command {
    cc::Build::new()
        .cpp(true)
        .warnings(false)
        .get_compiler()
        .to_command()
}

fn ask_compiler(question: &str) -> String {
    let answer = compiler().arg(question).output().expect("a C++ compiler");
    String::from_utf8(answer.stdout)
        .expect("a path")
        .trim()
        .to_owned()
}

fn build(out: &Path, kernels: &Path, name: &str, flags: &[&str]) {
    let folder = out.join(name);
    fs::create_dir_all(&folder).expect("room in OUT_DIR");
    let mut objects = Vec::new();
    for source in SOURCES {
        let object = folder.join(source).with_extension("o");
        let mut command = compiler();
        command
            .args(["-c", "-std=gnu++17", "-g", "-fPIC", "-pthread"])
            .args([
                "-Wall",
                "-Wextra",
                "-Wno-unknown-pragmas",
                "-Wno-unused-function",
            ])
            // Bytes of a payload are read as numbers and vectors, as on the device.
            .arg("-fno-strict-aliasing")
            // Products and sums are rounded one by one, as --fmad=false has them on the device.
            .arg("-ffp-contract=off")
            .arg(format!("-DEVZ_{}", name.to_uppercase()))
            .arg("-I")
            .arg(kernels)
            .arg("-I")
            .arg(out)
            .arg(format!("cpp/{source}"))
            .arg("-o")
            .arg(&object);
        // What switches between threads is not looked at as one of them.
        command.args(if source == "kernels.cpp" {
            flags
        } else {
            &["-O2"]
        });
        run(command, name);
        objects.push(object);
    }
    let mut command = compiler();
    command
        .args(["-shared", "-pthread", "-Wl,-soname,libcuda.so"])
        .args(flags)
        .args(objects)
        .arg("-o")
        .arg(folder.join("libcuda.so"));
    run(command, name);
}

fn run(mut command: Command, name: &str) {
    let status = command.status().expect("a C++ compiler");
    assert!(
        status.success(),
        "the kernels do not compile for the host ({name})"
    );
}
