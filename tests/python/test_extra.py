"""Sections of further columns, by the text and by pcodec: what the encoder made once."""

import zlib

import numpy as np
import pytest
from pcodec import standalone

import evz_pco
from evz_chunk import raw_values
from evz_index import COLUMN_TYPES
from evz_wire import EvzError
from golden import ROOT

SECTIONS = [line.split() for line in (ROOT / "crates/codec/tests/sections.txt").read_text().splitlines()
            if not line.startswith("#")]



def decode_section(codec, number, data, n):
    decode = evz_pco.decode if codec == 16 else raw_values
    return decode(data, n, np.dtype(COLUMN_TYPES[number]), "section")


section = pytest.mark.parametrize("name, number, codec, n, crc, data", SECTIONS,
                                  ids=[row[0] for row in SECTIONS])


@section
def test_the_text_decodes_it(name, number, codec, n, crc, data):
    values = decode_section(int(codec), int(number), bytes.fromhex(data), int(n))
    assert zlib.crc32(values.tobytes()) == int(crc, 16)


@section
def test_pcodec_decodes_it(name, number, codec, n, crc, data):
    if codec != "16":
        pytest.skip("it is not pco")
    values = standalone.simple_decompress(bytes.fromhex(data))
    assert len(values) == int(n)
    assert zlib.crc32(np.ascontiguousarray(values).tobytes()) == int(crc, 16)


@section
def test_every_cut_is_noticed(name, number, codec, n, crc, data):
    data = bytes.fromhex(data)
    for length in range(0, len(data), max(1, len(data) // 9)):
        with pytest.raises(EvzError):
            decode_section(int(codec), int(number), data[:length], int(n))
