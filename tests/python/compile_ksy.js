// Compiles a Kaitai Struct description to Python: node compile_ksy.js FILE.ksy FOLDER
// The npm package of the compiler is a library without a command.
const fs = require("fs");
const path = require("path");
const yaml = require("js-yaml");
const compiler = require("kaitai-struct-compiler");

const [ksy, folder] = process.argv.slice(2);
compiler
  .compile("python", yaml.load(fs.readFileSync(ksy, "utf8")), null, false)
  .then((files) => {
    for (const [name, source] of Object.entries(files)) {
      fs.writeFileSync(path.join(folder, name), source);
    }
  })
  .catch((error) => {
    console.error(String(error));
    process.exit(1);
  });
