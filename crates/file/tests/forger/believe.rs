//! A writer that believes what a chunk or a batch says of itself: the index repeats it.

use evz_file::wire::{BatchEntry, ChunkEntry, ChunkHead, Span};

use super::{Body, Forgery, and, span_of};

impl Forgery {
    /// The same file with an index that says of its chunks and batches what their heads do, up to the sums.
    pub fn believed(mut self) -> Self {
        let mut chunks = Vec::new();
        let mut batches = Vec::new();
        for record in &self.records {
            match &record.body {
                Body::Chunk(chunk) => chunks.push((record.was.offset, chunk.clone())),
                Body::SideBatch(head, _) => batches.push((record.was.offset, *head)),
                _ => {}
            }
        }
        let chunk_entry = |e: &mut ChunkEntry| {
            if let Some((_, chunk)) = chunks.iter().find(|(at, _)| *at == e.offset) {
                let lens = chunk.sections.iter().map(|s| s.len).collect();
                *e = ChunkEntry {
                    body_len: e.body_len,
                    ..ChunkEntry::new(&chunk.head, lens, e.offset, e.first_event)
                };
            }
        };
        let batch_entry = |e: &mut BatchEntry| {
            if let Some((_, head)) = batches.iter().find(|(at, _)| *at == e.offset) {
                (e.rows, e.t_min, e.t_max) = (head.rows, head.t_min, head.t_max);
            }
        };
        // Leaves stand before nodes, and both before the root.
        let mut spans: Vec<(u64, Span)> = Vec::new();
        let span_at = |spans: &[(u64, Span)], at: u64| {
            let found = spans.iter().find(|(k, _)| *k == at);
            found.map(|(_, span)| *span)
        };
        for record in &mut self.records {
            let at = record.was.offset;
            match &mut record.body {
                Body::Leaf(_, leaf) => {
                    leaf.entries.iter_mut().for_each(chunk_entry);
                    spans.push((at, span_of(&leaf.entries)));
                }
                Body::SideLeaf(_, leaf) => {
                    leaf.entries.iter_mut().for_each(batch_entry);
                    spans.push((at, span_of(&leaf.entries)));
                }
                Body::Node(_, _, refs) => {
                    for r in refs.iter_mut() {
                        r.span = span_at(&spans, r.record.offset).unwrap_or(r.span);
                    }
                    let all = refs.iter().map(|r| r.span).reduce(and);
                    spans.push((at, all.unwrap_or_default()));
                }
                Body::Root(root) => {
                    for stream in &mut root.streams {
                        let tree = &mut stream.tree;
                        for r in &mut tree.refs {
                            r.span = span_at(&spans, r.record.offset).unwrap_or(r.span);
                        }
                        tree.latest.entries.iter_mut().for_each(chunk_entry);
                        let refs = tree.refs.iter().map(|r| r.span);
                        let latest = Some(span_of(&tree.latest.entries));
                        let latest = latest.filter(|_| !tree.latest.entries.is_empty());
                        let sum = &mut stream.summary;
                        sum.span = refs.chain(latest).reduce(and).unwrap_or_default();
                        let of = stream.declaration.id;
                        let heads: Vec<ChunkHead> = (chunks.iter().map(|(_, c)| c.head))
                            .filter(|h| h.stream == of)
                            .collect();
                        if let [first, ..] = heads[..] {
                            sum.t_first = first.t_first;
                            sum.n_on = heads.iter().map(|h| u64::from(h.n_on)).sum();
                            sum.x_min = heads.iter().map(|h| h.x_min).min().unwrap();
                            sum.x_max = heads.iter().map(|h| h.x_max).max().unwrap();
                            sum.y_min = heads.iter().map(|h| h.y_min).min().unwrap();
                            sum.y_max = heads.iter().map(|h| h.y_max).max().unwrap();
                            let in_order = heads.is_sorted_by(|a, b| a.t_max <= b.t_min);
                            sum.sorted = in_order && heads.iter().all(|h| h.sorted());
                            if sum.sorted {
                                sum.t_last = sum.span.t_max;
                            }
                        }
                    }
                    for side in &mut root.side {
                        let tree = &mut side.tree;
                        for r in &mut tree.refs {
                            r.span = span_at(&spans, r.record.offset).unwrap_or(r.span);
                        }
                        tree.latest.entries.iter_mut().for_each(batch_entry);
                        let refs = tree.refs.iter().map(|r| r.span);
                        let latest = Some(span_of(&tree.latest.entries));
                        let latest = latest.filter(|_| !tree.latest.entries.is_empty());
                        side.span = refs.chain(latest).reduce(and).unwrap_or_default();
                    }
                }
                _ => {}
            }
        }
        self
    }
}
