meta:
  id: evz
  title: evz recording of an event camera
  file-extension: evz
  license: MIT OR Apache-2.0
  ks-version: '0.10'
  encoding: UTF-8
  endian: le
doc: |
  The layout of an evz file, version 0.1. SPEC.md is the specification; the names are those of its
  tables.

  Kaitai Struct cannot declare everything. The caller checks the checksums (CRC-32 as in zlib),
  decompresses the zstd frames (`side_batch.table`, and `index_leaf.columns`, which is then read as
  `leaf_columns`), unpacks the planes of codec 1, and decodes codec 2. `records` reads the file from
  front to back and needs an undamaged file; `tail` and `root` use the index.
doc-ref: SPEC.md
seq:
  - id: header
    type: file_header
    size: 64
  - id: records
    type: record
    repeat: eos
instances:
  tail:
    pos: _io.size - 64
    type: record
    doc: The last record of a complete file.
  root:
    io: _root._io
    pos: tail.body.as<tail>.root_offset
    type: record
    doc: The index root that the tail refers to; an appended file also holds older roots.

enums:
  kind:
    1: metadata
    2: chunk
    3: side_stream
    4: side_batch
    5: index_leaf
    6: index_root
    7: tail
  codec:
    1: fast
    2: small
  value_type:
    0: text
    1: bytes
    2: i64
    3: binary64
    4: bool

types:
  file_header:
    seq:
      - id: magic
        contents: [0x89, 'EVZ', 0x0d, 0x0a, 0x1a, 0x0a]
      - id: version_major
        type: u2
        valid: 0
      - id: version_minor
        type: u2
      - id: features
        type: u4
        doc: A reader refuses unknown bits among 0 to 15 and ignores 16 to 31; no bit is defined yet.
        valid:
          expr: _ & 0xffff == 0
      - id: time_base_ns
        type: u8
        doc: Length of one tick in nanoseconds; every time in the file is a number of ticks.
        valid:
          min: 1
      - id: width
        type: u4
        doc: Sensor width in pixels, 0 if unknown.
      - id: height
        type: u4
        doc: Sensor height in pixels, 0 if unknown.
      - id: reserved
        size: 28
      - id: crc
        type: u4
        doc: Checksum of the 60 bytes before.

  record:
    doc: Starts at a multiple of 64 from the start of the file.
    seq:
      - id: header
        type: record_header
      - id: body
        size: header.body_len
        type:
          switch-on: header.kind
          cases:
            'kind::metadata': metadata
            'kind::chunk': chunk
            'kind::side_stream': side_stream
            'kind::side_batch': side_batch
            'kind::index_leaf': index_leaf
            'kind::index_root': index_root
            'kind::tail': tail
      - id: padding
        size: (64 - (32 + header.body_len) % 64) % 64
        doc: Zeros up to a multiple of 64.

  record_header:
    seq:
      - id: magic
        contents: EVZR
      - id: kind
        type: u2
        enum: kind
      - id: flags
        type: u2
      - id: body_len
        type: u8
        doc: Bytes of the body; the padding is not counted.
      - id: body_crc
        type: u4
        doc: Checksum of the body.
      - id: reserved
        size: 8
      - id: crc
        type: u4
        doc: Checksum of the 28 bytes before.
    instances:
      critical:
        value: flags & 1 != 0
        doc: A reader that scans the records and does not know the kind refuses the file.

  metadata:
    doc: An entry replaces an earlier one with the same key, also one of an earlier record.
    seq:
      - id: count
        type: u4
      - id: entries
        type: metadata_entry
        repeat: expr
        repeat-expr: count

  metadata_entry:
    seq:
      - id: key_len
        type: u2
      - id: value_type
        type: u1
        enum: value_type
        doc: '`type` in SPEC.md; a reader skips entries of other types.'
      - id: reserved
        type: u1
      - id: value_len
        type: u4
      - id: key
        type: str
        size: key_len
        doc: Name, its parts separated by dots.
      - id: value
        size: value_len
        doc: Plain bytes if `value_type` is bytes or not known.
        type:
          switch-on: value_type
          cases:
            'value_type::text': text_value
            'value_type::i64': i64_value
            'value_type::binary64': binary64_value
            'value_type::bool': bool_value

  text_value:
    seq:
      - id: value
        type: str
        size-eos: true

  i64_value:
    seq:
      - id: value
        type: s8

  binary64_value:
    seq:
      - id: value
        type: f8

  bool_value:
    seq:
      - id: value
        type: u1
        valid:
          max: 1

  chunk:
    doc: Self-contained, nothing outside it is needed to decode it.
    seq:
      - id: head
        type: chunk_head
        size: 96
      - id: payload
        size: head.payload_len
        doc: Plain bytes unless the codec is `fast`.
        type:
          switch-on: head.codec
          cases:
            'codec::fast': fast_payload(head.n_events)

  chunk_head:
    seq:
      - id: first_event
        type: u8
        doc: Number of its first event in the recording, counted from 0.
      - id: n_events
        type: u4
        valid:
          min: 1
          max: 1048576
      - id: codec
        type: u2
        enum: codec
      - id: flags
        type: u2
      - id: t_first
        type: s8
        doc: Time of the first event.
      - id: t_min
        type: s8
      - id: t_max
        type: s8
      - id: t_divisor
        type: u8
        doc: Every time is t_first plus a multiple of this, modulo 2^64.
        valid:
          min: 1
      - id: n_on
        type: u4
        doc: Number of events with p = 1.
      - id: x_min
        type: u2
      - id: x_max
        type: u2
      - id: y_min
        type: u2
      - id: y_max
        type: u2
      - id: toc_len
        type: u4
        doc: Bytes at the start of the payload that head_crc covers.
      - id: payload_len
        type: u8
        doc: body_len of the record minus 96.
      - id: column_bytes
        type: u4
        repeat: expr
        repeat-expr: 4
        doc: Bytes of the payload spent on t, x, y, p; informative.
      - id: reserved
        type: u4
      - id: head_crc
        type: u4
        doc: Checksum of the 92 bytes before and the first toc_len bytes of the payload.
    instances:
      sorted:
        value: flags & 1 != 0
        doc: No time in the chunk is earlier than the one before it.

  fast_payload:
    doc: |
      Codec 1: a table of contents, then blocks of 1024 events; the last one may be shorter. Times
      are coded as k = (t - t_first) / t_divisor, so t = t_first + k * t_divisor, modulo 2^64.
    params:
      - id: n_events
        type: u4
    seq:
      - id: toc
        type: fast_toc_entry
        repeat: expr
        repeat-expr: n_blocks
      - id: blocks
        type: 'fast_block(_index + 1 < n_blocks ? 1024 : n_events - 1024 * _index)'
        size: '(_index + 1 < n_blocks ? toc[_index + 1].offset : _io.size) - toc[_index].offset'
        repeat: expr
        repeat-expr: n_blocks
    instances:
      n_blocks:
        value: (n_events + 1023) / 1024

  fast_toc_entry:
    seq:
      - id: offset
        type: u4
        doc: Where the block starts, from the start of the payload; a multiple of 16.
      - id: crc
        type: u4
        doc: Checksum of the block.
      - id: t_first
        type: s8
        doc: k of the block's first event.

  fast_block:
    doc: |
      Mini-blocks of 256 events, the last one may be shorter. Every list has one item for each
      mini-block.

      A plane of width w stores 256 residuals of w bits in 32 w bytes. It is an array of u2 that
      holds 16 lanes of w words each, interleaved: word k of lane l is element 16 k + l. Event i is
      in lane i mod 16, in row i / 16. Row r takes the bits r w to r w + w - 1 of the lane, from the
      lowest bit on.
    params:
      - id: n_events
        type: u4
    seq:
      - id: mini_blocks
        type: fast_mini_block
        repeat: expr
        repeat-expr: n_mini_blocks
      - id: head_padding
        size: (16 - 12 * n_mini_blocks % 16) % 16
      - id: x_planes
        size: 32 * mini_blocks[_index].x_width
        repeat: expr
        repeat-expr: n_mini_blocks
      - id: y_planes
        size: 32 * mini_blocks[_index].y_width
        repeat: expr
        repeat-expr: n_mini_blocks
      - id: p_bitmaps
        size: 32
        repeat: expr
        repeat-expr: n_mini_blocks
        doc: The polarity of event i is bit i mod 8 (bit 0 is the lowest) of byte i / 8.
      - id: t_planes
        size: 32 * mini_blocks[_index].t_width
        repeat: expr
        repeat-expr: n_mini_blocks
        doc: Planes of width 16, the lowest bits first, then one of width t_width mod 16 unless that is 0.
      - id: t_highs
        size: mini_blocks[_index].t_exceptions * mini_blocks[_index].t_high_bytes
        repeat: expr
        repeat-expr: n_mini_blocks
        doc: High parts of the exceptions, signed integers of t_high_bytes bytes each.
      - id: x_highs
        size: mini_blocks[_index].x_exceptions * mini_blocks[_index].x_high_bytes
        repeat: expr
        repeat-expr: n_mini_blocks
      - id: y_highs
        size: mini_blocks[_index].y_exceptions * mini_blocks[_index].y_high_bytes
        repeat: expr
        repeat-expr: n_mini_blocks
      - id: t_positions
        size: mini_blocks[_index].t_exceptions
        repeat: expr
        repeat-expr: n_mini_blocks
        doc: Positions of the exceptions in the mini-block, one byte each.
      - id: x_positions
        size: mini_blocks[_index].x_exceptions
        repeat: expr
        repeat-expr: n_mini_blocks
      - id: y_positions
        size: mini_blocks[_index].y_exceptions
        repeat: expr
        repeat-expr: n_mini_blocks
      - id: padding
        size: (16 - _io.pos % 16) % 16
    instances:
      n_mini_blocks:
        value: (n_events + 255) / 256

  fast_mini_block:
    seq:
      - id: x_tag
        type: u1
      - id: x_exceptions
        type: u1
      - id: x_ref
        type: u2
      - id: y_tag
        type: u1
      - id: y_exceptions
        type: u1
      - id: y_ref
        type: u2
      - id: t_tag
        type: u1
      - id: t_exceptions
        type: u1
      - id: t_high
        type: u1
        valid:
          max: 3
      - id: reserved
        type: u1
        valid: 0
    instances:
      x_width:
        value: x_tag & 31
        doc: 0 to 16.
      x_mode:
        value: (x_tag >> 5) & 3
        enum: mode
      x_high_bytes:
        value: 1 + (x_tag >> 7)
      y_width:
        value: y_tag & 31
        doc: 0 to 16.
      y_mode:
        value: (y_tag >> 5) & 3
        enum: mode
      y_high_bytes:
        value: 1 + (y_tag >> 7)
      t_width:
        value: t_tag & 127
        doc: 0 to 64.
      t_zigzag:
        value: t_tag >> 7 != 0
      t_high_bytes:
        value: 1 << t_high
    enums:
      mode:
        0: reference
        1: delta
        2: xor

  side_stream:
    doc: Names a table recorded beside the events.
    seq:
      - id: id
        type: u4
        doc: Number of the stream, counted from 0.
      - id: name_len
        type: u4
      - id: name
        type: str
        size: name_len

  side_batch:
    doc: Rows of a side stream.
    seq:
      - id: head
        type: side_batch_head
        size: 40
      - id: table
        size-eos: true
        doc: An Arrow IPC stream of `raw_len` bytes, compressed as one zstd frame.

  side_batch_head:
    seq:
      - id: stream
        type: u4
        doc: Number of the stream; its side_stream record comes earlier in the file.
      - id: reserved
        type: u4
      - id: rows
        type: u8
      - id: t_min
        type: s8
      - id: t_max
        type: s8
      - id: raw_len
        type: u8
        valid:
          max: 268435456

  index_leaf:
    doc: Lists up to 4096 chunks.
    seq:
      - id: n_chunks
        type: u4
        valid:
          max: 4096
      - id: bins
        type: u4
        valid: 32
      - id: raw_len
        type: u8
        valid: n_chunks * 212
      - id: columns
        size-eos: true
        doc: One zstd frame; decompressed, it is a `leaf_columns(n_chunks)`.

  leaf_columns:
    doc: The decompressed columns of an index leaf; item i of every list belongs to chunk i.
    params:
      - id: n_chunks
        type: u4
    seq:
      - id: offset
        type: u8
        repeat: expr
        repeat-expr: n_chunks
        doc: Where the chunk's record starts in the file.
      - id: body_len
        type: u8
        repeat: expr
        repeat-expr: n_chunks
      - id: first_event
        type: u8
        repeat: expr
        repeat-expr: n_chunks
      - id: t_first
        type: s8
        repeat: expr
        repeat-expr: n_chunks
      - id: t_min
        type: s8
        repeat: expr
        repeat-expr: n_chunks
      - id: t_max
        type: s8
        repeat: expr
        repeat-expr: n_chunks
      - id: n_events
        type: u4
        repeat: expr
        repeat-expr: n_chunks
      - id: n_on
        type: u4
        repeat: expr
        repeat-expr: n_chunks
      - id: t_bytes
        type: u4
        repeat: expr
        repeat-expr: n_chunks
      - id: x_bytes
        type: u4
        repeat: expr
        repeat-expr: n_chunks
      - id: y_bytes
        type: u4
        repeat: expr
        repeat-expr: n_chunks
      - id: p_bytes
        type: u4
        repeat: expr
        repeat-expr: n_chunks
      - id: x_min
        type: u2
        repeat: expr
        repeat-expr: n_chunks
      - id: x_max
        type: u2
        repeat: expr
        repeat-expr: n_chunks
      - id: y_min
        type: u2
        repeat: expr
        repeat-expr: n_chunks
      - id: y_max
        type: u2
        repeat: expr
        repeat-expr: n_chunks
      - id: codec
        type: u2
        enum: codec
        repeat: expr
        repeat-expr: n_chunks
      - id: flags
        type: u2
        repeat: expr
        repeat-expr: n_chunks
      - id: activity
        type: activity
        repeat: expr
        repeat-expr: n_chunks

  activity:
    seq:
      - id: bins
        type: u4
        repeat: expr
        repeat-expr: 32
        doc: |
          Number of events in each of 32 bins of time; a time t is in bin
          floor((t - t_min) * 32 / (t_max - t_min + 1)), in exact arithmetic.

  index_root:
    seq:
      - id: head
        type: root_head
        size: 128
      - id: leaves
        type: leaf_ref
        repeat: expr
        repeat-expr: head.n_leaves
      - id: metadata
        type: metadata_ref
        repeat: expr
        repeat-expr: head.n_metadata
      - id: side
        type: side_ref
        repeat: expr
        repeat-expr: head.n_side

  root_head:
    seq:
      - id: time_base_ns
        type: u8
        doc: This, width and height are copies of those in the file header, for recovery.
      - id: width
        type: u4
      - id: height
        type: u4
      - id: n_events
        type: u8
      - id: n_chunks
        type: u8
      - id: n_on
        type: u8
      - id: t_first
        type: s8
        doc: Time of the first event; this and the next three are 0 in a file without events.
      - id: t_last
        type: s8
      - id: t_min
        type: s8
      - id: t_max
        type: s8
      - id: column_bytes
        type: u8
        repeat: expr
        repeat-expr: 4
        doc: Sums of the column_bytes of all chunks.
      - id: x_min
        type: u2
      - id: x_max
        type: u2
      - id: y_min
        type: u2
      - id: y_max
        type: u2
      - id: flags
        type: u4
        doc: Bit 0 is sorted; a reader refuses set bits among 1 to 15 and ignores 16 to 31.
        valid:
          expr: _ & 0xfffe == 0
      - id: n_leaves
        type: u4
      - id: n_metadata
        type: u4
      - id: n_side
        type: u4
    instances:
      sorted:
        value: flags & 1 != 0
        doc: No time in the file is earlier than the one before it.

  leaf_ref:
    seq:
      - id: offset
        type: u8
        doc: Where the leaf's record starts.
      - id: body_len
        type: u8
      - id: first_chunk
        type: u8
        doc: Number of its first chunk, counted from 0; leaves follow each other without gaps.
      - id: n_chunks
        type: u8
      - id: first_event
        type: u8
      - id: n_events
        type: u8
      - id: t_min
        type: s8
      - id: t_max
        type: s8

  metadata_ref:
    seq:
      - id: offset
        type: u8
      - id: body_len
        type: u8

  side_ref:
    seq:
      - id: offset
        type: u8
      - id: body_len
        type: u8
      - id: stream
        type: u4
        doc: Number of the stream.
      - id: kind
        type: u4
        enum: kind
        doc: side_stream or side_batch.
      - id: rows
        type: u8
        doc: This and the times are 0 for a side_stream.
      - id: t_min
        type: s8
      - id: t_max
        type: s8

  tail:
    seq:
      - id: root_offset
        type: u8
        doc: Where the record of the root starts.
      - id: root_len
        type: u8
        doc: body_len of the root.
      - id: file_len
        type: u8
        doc: Bytes of the file, this record included.
      - id: magic
        contents: EVZ-TAIL
