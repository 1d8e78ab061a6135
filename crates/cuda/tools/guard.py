"""Looks for what assemblers are known to make wrong code of.

    guard.py FILE...    PTX, or what nvdisasm writes of code (.sass); fails if it finds any

ptxas of CUDA 12.6 to 13.3 loses a minus: of max(max(a, -a), b) it makes one VIMNMX3 of a, a and b for
sm_90, sm_100 and sm_103, an instruction whose operands have no sign. So no minimum or maximum of
integers may take a negated number, and no VIMNMX3 one register twice. Drivers have the same assembler
and compile the PTX, whatever ours makes of it.

Each run begins with samples of both, so that a change of notation cannot make this blind.
"""

import pathlib
import re
import sys

# Of the kernels as they were: |dx|, with a plain copy in between, and what became of it.
WRONG_PTX = """
.visible .entry sample(
    neg.s32 \t%r822, %r226;
    max.s32 \t%r823, %r226, %r822;
    sub.s32 \t%r3, 0, %r2;
    mov.u32 \t%r4, %r3;
    min.s32 \t%r5, %r4, %r2;
"""
RIGHT_PTX = """
.visible .entry one(
    neg.s32 \t%r1, %r2;
    add.s32 \t%r3, %r1, %r4;
    max.s32 \t%r5, %r3, %r4;
    abs.s32 \t%r6, %r7;
    max.s32 \t%r8, %r6, 3;
    neg.f32 \t%f1, %f2;
    max.f32 \t%f3, %f1, %f2;
.visible .entry another(
    max.s32 \t%r9, %r1, %r2;
"""
WRONG_SASS = "/*4a90*/  VIMNMX3 R74, R85, R85, R74, !PT ;\n/*4aa0*/  @!P0 VIMNMX3.U32 R1, R2, R3, R3.reuse, PT ;"
RIGHT_SASS = "/*29d0*/  VIMNMX3.U32 R41, R41, RZ, R48, !PT ;\n/*29e0*/  VIMNMX R4, R5, R5, !PT ;"


def in_ptx(text):
    """Lines with a minimum or maximum of integers that takes a negated number, or a copy of one."""
    found, negated = [], set()
    for number, line in enumerate(text.splitlines(), 1):
        if ".entry " in line or ".func " in line:
            negated = set()  # registers have the same names in each
        words = re.match(r"\s*(?:@!?%\w+\s+)?([a-z][\w.]*)\s+(.*?);", line)
        if not words:
            continue
        name, operands = words[1].split("."), [o.strip() for o in words[2].split(",")]
        whole = name[-1] in ("s16", "s32", "s64", "u16", "u32", "u64")
        minus = name[0] == "neg" or (name[0] == "sub" and operands[1:2] == ["0"])
        if whole and minus or name[0] == "mov" and operands[-1] in negated:
            negated.add(operands[0])
        elif whole and name[0] in ("min", "max") and not negated.isdisjoint(operands[1:]):
            found.append((number, line))
    return found


def in_sass(text):
    """Lines with a minimum or maximum of three that takes a register twice."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = re.search(r"\bVIMNMX3\S*\s+(.*?);", line)
        if not words:
            continue
        # Where to, the three, and which of minimum and maximum.
        taken = re.findall(r"\bU?R\d+\b", ",".join(words[1].split(",")[1:4]))
        if len(set(taken)) < len(taken):
            found.append((number, line))
    return found


def main():
    right = not in_ptx(RIGHT_PTX) and not in_sass(RIGHT_SASS)
    if not right or len(in_ptx(WRONG_PTX)) != 2 or len(in_sass(WRONG_SASS)) != 2:
        sys.exit("guard: it does not see its own samples")
    bad = False
    for path in map(pathlib.Path, sys.argv[1:]):
        look = in_sass if path.suffix == ".sass" else in_ptx
        for number, line in look(path.read_text()):
            bad = True
            print(f"guard: {path.name}, line {number}: {' '.join(line.split())}", file=sys.stderr)
    sys.exit(bad)


if __name__ == "__main__":
    main()
