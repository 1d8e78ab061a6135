meta:
  id: evz
  title: evz recording of event cameras
  file-extension: evz
  license: MIT OR Apache-2.0
  ks-version: '0.10'
  encoding: UTF-8
  endian: le
doc: |
  The layout of an evz file, version 0.2. SPEC.md is the specification; the names are those of its
  tables. Numbers of variable length are read as they are stored: offsets in units of 64 bytes, and those
  of entries and references relative to the one before.

  Kaitai Struct cannot declare everything. The caller checks the checksums (CRC-32 as in zlib),
  that numbers of variable length are of their shortest form, decompresses the zstd frames of side batches, adds up
  relative numbers, unpacks the planes of codec 1, and decodes codec 2. `records` reads the file from
  front to back and needs an undamaged file; `tail` and `root` use the index. A leaf takes the number
  of further columns from the declaration of its stream in the root, so it needs ids without gaps.
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
    pos: _io.size - 16
    type: tail
    doc: The end of a whole file.
  root:
    io: _root._io
    pos: tail.root_offset
    type: record
    doc: The root that the tail refers to; a file that grew also holds older ones.

enums:
  kind:
    1: metadata
    2: stream
    3: chunk
    4: side_stream
    5: side_batch
    6: leaf
    7: node
    8: activity
    9: root
  codec:
    1: fast
    2: small
  clock:
    0: unknown
    1: sensor
    2: unix
    3: gps
    4: monotonic
  value_type:
    0: text
    1: bytes
    2: i64
    3: binary64
    4: bool
    5: json
    6: nothing
  column_type:
    0: bool
    1: i8
    2: i16
    3: i32
    4: i64
    5: u8
    6: u16
    7: u32
    8: u64
    9: f32
    10: f64
  table:
    0: chunks
    1: batches

types:
  uint:
    doc: A number below 2^64, LEB128.
    seq:
      - id: groups
        type: group
        repeat: until
        repeat-until: not _.more
    instances:
      value:
        value: >-
          groups[0].bits
          + (groups.size > 1 ? groups[1].bits << 7 : 0)
          + (groups.size > 2 ? groups[2].bits << 14 : 0)
          + (groups.size > 3 ? groups[3].bits << 21 : 0)
          + (groups.size > 4 ? groups[4].bits << 28 : 0)
          + (groups.size > 5 ? groups[5].bits << 35 : 0)
          + (groups.size > 6 ? groups[6].bits << 42 : 0)
          + (groups.size > 7 ? groups[7].bits << 49 : 0)
          + (groups.size > 8 ? groups[8].bits << 56 : 0)
          + (groups.size > 9 ? groups[9].bits << 63 : 0)

  group:
    seq:
      - id: byte
        type: u1
    instances:
      more:
        value: byte >= 128
      bits:
        value: byte & 127

  sint:
    doc: An i64 as a uint, its sign in the lowest bit.
    seq:
      - id: raw
        type: uint
    instances:
      value:
        value: '(raw.value >> 1) ^ -(raw.value & 1)'

  text:
    seq:
      - id: len
        type: uint
      - id: value
        type: str
        size: len.value

  bytes:
    seq:
      - id: len
        type: uint
      - id: value
        size: len.value

  file_header:
    seq:
      - id: magic
        contents: [0x89, 'EVZ', 0x0d, 0x0a, 0x1a, 0x0a]
      - id: version_major
        type: u2
        valid: 0
      - id: version_minor
        type: u2
        valid: 2
      - id: features_read
        type: u2
        doc: What must be known to read the file; no bit is defined yet.
        valid: 0
      - id: features_edit
        type: u2
        doc: What must be known to append to the file or to edit it.
      - id: features_any
        type: u2
        doc: What may be ignored by all.
      - id: clock
        type: u2
        enum: clock
      - id: width
        type: u4
        doc: Sensor width of stream 0 in pixels; both are 0 if the size is not known.
      - id: height
        type: u4
      - id: reserved
        type: u4
        valid: 0
      - id: tick_numerator
        type: u8
        doc: A tick is tick_numerator / tick_denominator seconds.
        valid:
          min: 1
      - id: tick_denominator
        type: u8
        valid:
          min: 1
          max: 4611686018427387904
      - id: epoch
        type: s8
        doc: At tick t the clock shows t + epoch ticks.
      - id: reserved_2
        type: u4
        valid: 0
      - id: crc
        type: u4
        doc: Checksum of the 60 bytes before.

  record:
    doc: Starts at a multiple of 64 from the start of the file. No padding follows the last root.
    seq:
      - id: header
        type: record_header
      - id: body
        size: header.body_len
        type:
          switch-on: header.kind
          cases:
            'kind::metadata': metadata
            'kind::stream': stream_declaration
            'kind::chunk': chunk
            'kind::side_stream': side_declaration
            'kind::side_batch': side_batch
            'kind::leaf': leaf
            'kind::node': node
            'kind::activity': activity
            'kind::root': root
      - id: padding
        size: '_io.eof ? 0 : (64 - _io.pos % 64) % 64'

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
        valid:
          max: 268435456
      - id: body_crc
        type: u4
      - id: number
        type: u8
        doc: Of a chunk or side batch, number of its first event or row; 0 of other kinds.
      - id: crc
        type: u4
        doc: Checksum of the 28 bytes before.
    instances:
      critical:
        value: flags & 1 != 0
        doc: Who walks over the records and does not know the kind refuses the file.

  metadata:
    doc: An entry replaces an earlier one with the same key, also one of an earlier record.
    seq:
      - id: n
        type: uint
      - id: entries
        type: metadata_entry
        repeat: expr
        repeat-expr: n.value

  metadata_entry:
    seq:
      - id: key
        type: text
      - id: value_type
        type: uint
        doc: '`type` in SPEC.md; a reader skips entries of other types.'
      - id: value_len
        type: uint
      - id: value
        size: value_len.value
        doc: Plain bytes if `value_type` is bytes or not known.
        type:
          switch-on: value_type.value
          cases:
            0: text_value
            2: i64_value
            3: binary64_value
            4: bool_value
            5: text_value

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

  stream_declaration:
    doc: A sensor, and the columns that its events have beside t, x, y and p.
    seq:
      - id: id
        type: uint
      - id: name
        type: text
      - id: width
        type: uint
      - id: height
        type: uint
      - id: serial
        type: text
      - id: clock_offset
        type: sint
      - id: n_columns
        type: uint
      - id: columns
        type: column_declaration
        repeat: expr
        repeat-expr: n_columns.value

  column_declaration:
    seq:
      - id: name
        type: text
      - id: column_type
        type: uint
        doc: '`type` in SPEC.md, one of the enum of this name.'
      - id: unit
        type: text
      - id: description
        type: text

  chunk:
    doc: Self-contained, nothing outside it is needed to decode it.
    seq:
      - id: head
        type: chunk_head
        size: 96
      - id: table
        type: column_section
        size: 16
        repeat: expr
        repeat-expr: head.n_columns
      - id: table_padding
        size: (64 - 16 * head.n_columns % 64) % 64
      - id: payload
        size: head.payload_len
        doc: Plain bytes unless the codec is `fast`.
        type:
          switch-on: head.codec
          cases:
            'codec::fast': fast_payload(head.n_events)
      - id: sections
        size: table[_index].len
        repeat: expr
        repeat-expr: head.n_columns

  chunk_head:
    seq:
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
      - id: stream
        type: u2
        doc: Number of the event stream.
      - id: n_columns
        type: u2
        valid:
          max: 64
      - id: toc_len
        type: u4
        doc: Bytes at the start of the payload that head_crc covers.
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
      - id: payload_len
        type: u4
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
      - id: column_bytes
        type: u4
        repeat: expr
        repeat-expr: 3
        doc: Bytes of the payload spent on x, y, p; informative.
      - id: column_crc
        type: u4
        repeat: expr
        repeat-expr: 4
        doc: Checksums of the decoded columns t, x, y, p.
      - id: head_crc
        type: u4
        doc: Checksum of the 92 bytes before, the table of columns and the first toc_len bytes of the payload.
    instances:
      sorted:
        value: flags & 1 != 0
        doc: No time in the chunk is earlier than the one before it.

  column_section:
    seq:
      - id: codec
        type: u2
      - id: reserved
        type: u2
        valid: 0
      - id: len
        type: u4
      - id: crc
        type: u4
        doc: Checksum of the section.
      - id: values_crc
        type: u4
        doc: Checksum of the decoded values.

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

  side_declaration:
    doc: Declares a table that was recorded beside the events.
    seq:
      - id: id
        type: uint
      - id: name
        type: text
      - id: stream
        type: uint
        doc: 0 if it belongs to the recording, k + 1 if to event stream k.
      - id: time_column
        type: uint
      - id: schema
        type: bytes
        doc: An Arrow IPC message.

  side_batch:
    doc: Rows of a side stream.
    seq:
      - id: id
        type: uint
      - id: rows
        type: uint
      - id: t_min
        type: sint
      - id: t_span
        type: uint
      - id: pack
        type: uint
        doc: 0 as it is, 1 a zstd frame.
      - id: raw_len
        type: uint
      - id: messages
        size-eos: true
        doc: Arrow IPC messages of `raw_len` bytes before compression.

  chunk_entry:
    params:
      - id: n_columns
        type: u4
    seq:
      - id: offset
        type: sint
      - id: body_len
        type: uint
      - id: head_crc
        type: u4
      - id: n_events
        type: uint
      - id: t_min
        type: sint
      - id: t_span
        type: uint
      - id: t_first
        type: uint
      - id: t_divisor
        type: uint
      - id: codec
        type: uint
      - id: flags
        type: uint
      - id: toc_len
        type: uint
      - id: column_lens
        type: uint
        repeat: expr
        repeat-expr: n_columns

  batch_entry:
    seq:
      - id: offset
        type: sint
      - id: body_len
        type: uint
      - id: body_crc
        type: u4
      - id: rows
        type: uint
      - id: t_min
        type: sint
      - id: t_span
        type: uint

  node_ref:
    seq:
      - id: level
        type: uint
      - id: offset
        type: uint
      - id: body_len
        type: uint
      - id: body_crc
        type: u4
      - id: n_items
        type: uint
      - id: n_rows
        type: uint
      - id: t_min
        type: sint
      - id: t_span
        type: uint
      - id: t_end
        type: uint

  activity_ref:
    seq:
      - id: offset
        type: uint
        doc: 0 if there is none.
      - id: body_len
        type: uint
        if: offset.value != 0
      - id: body_crc
        type: u4
        if: offset.value != 0

  leaf:
    seq:
      - id: table
        type: uint
        doc: One of the enum of this name.
      - id: id
        type: uint
      - id: activity
        type: activity_ref
        if: table.value == 0
      - id: n
        type: uint
      - id: chunks
        type: chunk_entry(_root.root.body.as<root>.streams[id.value].declaration.n_columns.value)
        repeat: expr
        repeat-expr: 'table.value == 0 ? n.value : 0'
      - id: batches
        type: batch_entry
        repeat: expr
        repeat-expr: 'table.value == 0 ? 0 : n.value'

  node:
    seq:
      - id: table
        type: uint
        doc: One of the enum of this name.
      - id: id
        type: uint
      - id: level
        type: uint
      - id: n
        type: uint
      - id: refs
        type: node_ref
        repeat: expr
        repeat-expr: n.value

  activity:
    seq:
      - id: id
        type: uint
      - id: bins
        type: uint
      - id: n
        type: uint
      - id: counts
        type: sint
        repeat: expr
        repeat-expr: 32 * n.value
        doc: |
          Events of chunk 0 in each of its bins, each minus that of the bin before, then of chunk 1, and so on; a time t is in bin
          floor((t - t_min) * 32 / (t_max - t_min + 1)), in exact arithmetic.

  root:
    seq:
      - id: features_read
        type: uint
        doc: This and the next eight are those of the file header.
      - id: features_edit
        type: uint
      - id: features_any
        type: uint
      - id: clock
        type: uint
      - id: width
        type: uint
      - id: height
        type: uint
      - id: tick_numerator
        type: uint
      - id: tick_denominator
        type: uint
      - id: epoch
        type: sint
      - id: flags
        type: uint
        doc: Bit 0 is set in a checkpoint.
      - id: previous
        type: uint
        doc: Where the root before this one starts; 0 if there is none.
      - id: n_streams
        type: uint
      - id: streams
        type: stream
        repeat: expr
        repeat-expr: n_streams.value
      - id: n_side
        type: uint
      - id: side
        type: side
        repeat: expr
        repeat-expr: n_side.value
      - id: n_metadata
        type: uint
      - id: metadata_refs
        type: record_ref
        repeat: expr
        repeat-expr: n_metadata.value
      - id: metadata
        type: metadata
      - id: tail
        type: tail

  stream:
    seq:
      - id: declaration
        type: stream_declaration
      - id: summary
        type: summary(declaration.n_columns.value)
      - id: tree
        type: chunk_tree(declaration.n_columns.value)

  summary:
    params:
      - id: n_columns
        type: u4
    seq:
      - id: n_chunks
        type: uint
      - id: n_events
        type: uint
      - id: events
        type: event_summary(n_columns)
        if: n_events.value != 0

  event_summary:
    params:
      - id: n_columns
        type: u4
    seq:
      - id: flags
        type: uint
        doc: Bit 0 is sorted.
      - id: t_min
        type: sint
      - id: t_span
        type: uint
      - id: t_end
        type: uint
      - id: t_first
        type: uint
      - id: t_last
        type: uint
      - id: n_on
        type: uint
      - id: x_min
        type: uint
      - id: x_max
        type: uint
      - id: y_min
        type: uint
      - id: y_max
        type: uint
      - id: column_bytes
        type: uint
        repeat: expr
        repeat-expr: 4
      - id: column_crc
        type: u4
        repeat: expr
        repeat-expr: 4
      - id: further
        type: column_summary
        repeat: expr
        repeat-expr: n_columns

  column_summary:
    seq:
      - id: n_bytes
        type: uint
      - id: crc
        type: u4

  chunk_tree:
    params:
      - id: n_columns
        type: u4
    seq:
      - id: n_refs
        type: uint
      - id: refs
        type: node_ref
        repeat: expr
        repeat-expr: n_refs.value
      - id: n_entries
        type: uint
      - id: entries
        type: chunk_entry(n_columns)
        repeat: expr
        repeat-expr: n_entries.value
      - id: activity
        type: activity_ref
        if: n_entries.value != 0

  side:
    seq:
      - id: name
        type: text
      - id: stream
        type: uint
        doc: As in its declaration.
      - id: declaration
        type: record_ref
      - id: summary
        type: side_summary
      - id: tree
        type: batch_tree

  side_summary:
    seq:
      - id: n_batches
        type: uint
      - id: rows
        type: uint
      - id: t_min
        type: sint
        if: rows.value != 0
      - id: t_span
        type: uint
        if: rows.value != 0
      - id: t_end
        type: uint
        if: rows.value != 0

  batch_tree:
    seq:
      - id: n_refs
        type: uint
      - id: refs
        type: node_ref
        repeat: expr
        repeat-expr: n_refs.value
      - id: n_entries
        type: uint
      - id: entries
        type: batch_entry
        repeat: expr
        repeat-expr: n_entries.value

  record_ref:
    seq:
      - id: offset
        type: uint
      - id: body_len
        type: uint
      - id: body_crc
        type: u4

  tail:
    seq:
      - id: root_offset
        type: u8
        doc: Where the record of the root starts.
      - id: magic
        contents: EVZ-TAIL
