//! The event streams of a file, by what its groups and datasets are called.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use evz_core::columns::{Role, not_read};
use evz_core::{
    Clock, ClockKind, ColumnPaths, Error, ErrorKind, Loss, LossKind, Note, Place, Question, Result,
    SensorSize, TimeUnit, WayOut,
};

use crate::found::{At, Found, Layout, Of};
use crate::h5::{Attributes, Dataset, Entry, File, Kind, Said, Type};
use crate::row_index::RowIndex;

/// Datasets that a message lists.
const MAX_LISTED: usize = 16;

/// What there is besides events, and is used or means nothing to a reader.
const INDEXES: [&str; 6] = [
    "ms_to_idx",
    "ms_map_idx",
    "t_offset",
    "width",
    "height",
    "calib",
];

/// What is in a file, as far as it was looked at.
pub(crate) struct Contents {
    entries: Vec<Entry>,
    /// Their numbers, by the group that they are in and their names there.
    places: BTreeMap<(String, String), usize>,
    /// Names that were not looked at, for there are too many.
    pub(crate) left: u64,
    /// The attributes at the top.
    pub(crate) top: Attributes,
}

impl Contents {
    /// All that there is, or else the first of it and what is at the path that is told.
    ///
    /// # Errors
    /// If the system does not give the bytes.
    pub(crate) fn of(file: &File, told: Option<&str>) -> Result<Self> {
        let walk = file.walk("")?;
        let mut contents = Self {
            entries: Vec::new(),
            places: BTreeMap::new(),
            left: walk.left,
            top: file.attributes(""),
        };
        contents.add(walk.entries);
        let told = told.map(|told| told.trim_matches('/'));
        if let Some(told) = told.filter(|told| walk.left > 0 && !told.is_empty()) {
            let mut further = file.walk(told)?.entries;
            further.retain(|entry| contents.get(entry.path()).is_none());
            contents.add(further);
        }
        Ok(contents)
    }

    fn add(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            let place = place_of(entry.path());
            self.places.entry(place).or_insert(self.entries.len());
            self.entries.push(entry);
        }
    }

    pub(crate) fn datasets(&self) -> impl Iterator<Item = &Dataset> {
        self.entries.iter().filter_map(dataset)
    }

    /// The datasets of a group.
    fn within<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Dataset> {
        let first = (group.to_owned(), String::new());
        (self.places.range(first..))
            .take_while(move |((parent, _), _)| parent == group)
            .filter_map(|(_, i)| dataset(&self.entries[*i]))
    }

    fn groups(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Group(path, _) => Some(&**path),
            _ => None,
        })
    }

    fn get(&self, path: &str) -> Option<&Entry> {
        let i = self.places.get(&place_of(path))?;
        Some(&self.entries[*i])
    }

    pub(crate) fn at(&self, path: &str) -> Option<&Dataset> {
        self.get(path).and_then(dataset)
    }

    /// The attributes of a group, as far as they can be read.
    fn attributes(&self, file: &File, group: &str) -> Attributes {
        match self.get(group) {
            Some(Entry::Group(_, address)) => file.attributes_at(*address),
            _ => file.attributes(group),
        }
    }

    /// The datasets with their shapes and types, not more of them than a message can hold.
    pub(crate) fn listed(&self) -> String {
        let mut listed: Vec<String> = self
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Dataset(dataset) => Some(format!(
                    "{} {} {:?}",
                    shown(&dataset.path),
                    dataset.of,
                    dataset.space.shape
                )),
                Entry::Unreadable(path, _) => Some(format!("{} (not read)", shown(path))),
                Entry::Link(path, Some(to)) => Some(format!("{} (a link to {to:?})", shown(path))),
                Entry::Link(path, None) => Some(format!(
                    "{} (a link into another file, which is not opened)",
                    shown(path)
                )),
                Entry::Group(..) => None,
            })
            .collect();
        let others = listed.len().saturating_sub(MAX_LISTED);
        listed.truncate(MAX_LISTED);
        let listed = match (listed.is_empty(), others) {
            (true, _) => "nothing".to_owned(),
            (false, 0) => listed.join(", "),
            (false, n) => format!("{} and {n} others", listed.join(", ")),
        };
        match self.left {
            0 => listed,
            n => format!("{listed}, and {n} {NOT_LOOKED_AT}"),
        }
    }

    /// Says of a stream that not all was looked at: of one that is told it is no loss.
    pub(crate) fn say_left(&self, stream: &mut Found, is_told: bool) {
        match (self.left, is_told) {
            (0, _) => {}
            (n, true) => (stream.notes).push(Note::Other(format!("there are {n} {NOT_LOOKED_AT}"))),
            (n, false) => (stream.losses).push(Loss::new(LossKind::Other, NOT_LOOKED_AT, n)),
        }
    }
}

/// What is said of names that were not looked at.
const NOT_LOOKED_AT: &str =
    "names that were not looked at, nor what is in them, for there are too many";

fn dataset(entry: &Entry) -> Option<&Dataset> {
    match entry {
        Entry::Dataset(dataset) => Some(dataset),
        _ => None,
    }
}

/// The group that a path is in, and its name there.
fn place_of(path: &str) -> (String, String) {
    (parent(path).to_owned(), last(path).to_owned())
}

/// The path of a name in a group.
fn join(group: &str, name: &str) -> String {
    let slash = if group.is_empty() { "" } else { "/" };
    format!("{group}{slash}{name}")
}

fn shown(path: &str) -> String {
    if path.is_empty() {
        return "/".to_owned();
    }
    path.chars().take(60).flat_map(char::escape_debug).collect()
}

/// The group that a path is in, and the last part of it.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

pub(crate) fn last(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, last)| last)
}

/// All event streams of a file.
///
/// # Errors
/// If there is none; the error lists what there is.
pub(crate) fn streams(file: &File, contents: &Contents, name: &str) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut reason = None;
    for group in contents.groups() {
        match in_columns(contents, group) {
            Ok(stream) => found.extend(stream),
            Err(error) => reason = reason.or(Some(error)),
        }
    }
    for dataset in contents.datasets() {
        found.extend(in_records(dataset));
        found.extend(in_numbers(contents, dataset));
    }
    if found.is_empty() {
        // What is damaged may be what was looked for.
        let damaged = contents.entries.iter().find_map(|entry| match entry {
            Entry::Unreadable(path, error) => Some((path, error)),
            _ => None,
        });
        if let Some((path, error)) = damaged {
            let what = format!(
                "{} cannot be read ({error}), and no events were found",
                shown(path)
            );
            let what = Error::new(error.kind(), name, what);
            return Err(what.advise("copy it again from where it came from, or with h5repack"));
        }
        return Err(reason.unwrap_or_else(|| no_events(contents, name)));
    }
    for stream in &mut found {
        describe(file, contents, stream);
    }
    name_them(&mut found);
    say_unread(contents, &mut found);
    Ok(found)
}

/// Says what is not read: of each stream what stands in its group, and of all what stands in none of them.
fn say_unread(contents: &Contents, streams: &mut [Found]) {
    let groups: BTreeSet<String> = streams.iter().map(|s| s.group().to_owned()).collect();
    let mut unread: BTreeMap<Option<&str>, Vec<&Entry>> = BTreeMap::new();
    for entry in &contents.entries {
        let (Entry::Unreadable(path, _) | Entry::Link(path, None)) = entry else {
            continue;
        };
        let above = successors(Some(&**path), |path| {
            (!path.is_empty()).then(|| parent(path))
        });
        let mut is_in = above.filter(|group| groups.contains(*group)).peekable();
        if is_in.peek().is_none() {
            unread.entry(None).or_default().push(entry);
        }
        is_in.for_each(|group| unread.entry(Some(group)).or_default().push(entry));
    }
    for stream in streams {
        let (mut names, mut links, mut damaged, mut examples) = (vec![], vec![], 0, vec![]);
        let of = [None, Some(stream.group())].map(|group| unread.get(&group));
        for entry in of.into_iter().flatten().flatten() {
            match entry {
                Entry::Unreadable(path, error) if is_damage(error) => {
                    damaged += 1;
                    if examples.len() < Loss::MAX_EXAMPLES {
                        examples.push(format!("{}: {error}", shown(path)));
                    }
                }
                Entry::Link(..) => links.push(entry.path()),
                _ => names.push(entry.path()),
            }
        }
        say_not_read("groups or datasets", &names, &mut stream.notes);
        say_not_read("links into other files", &links, &mut stream.notes);
        if damaged > 0 {
            let what = "groups or datasets that are damaged";
            let loss = Loss::new(LossKind::Damaged, what, damaged);
            stream.losses.push(loss.with_examples(examples));
        }
    }
}

/// Names what is not read, not more of it than is kept for each stream.
fn say_not_read(what: &str, names: &[&str], notes: &mut Vec<Note>) {
    const MAX_NAMED: usize = 64;
    if names.is_empty() {
        return;
    }
    let named = names.iter().take(MAX_NAMED);
    notes.push(Note::NotRead {
        what: what.to_owned(),
        names: named.map(|name| (*name).to_owned()).collect(),
    });
    if let others @ 1.. = names.len().saturating_sub(MAX_NAMED) {
        notes.push(Note::Other(format!("{others} further {what} are not read")));
    }
}

/// Whether something that is there cannot be read whole.
fn is_damage(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Corrupt | ErrorKind::InsufficientData
    )
}

fn no_events(contents: &Contents, name: &str) -> Error {
    let what = format!(
        "it has no events in a layout that is known; it has {}",
        contents.listed()
    );
    let example = ColumnPaths::new(["GROUP/t", "GROUP/x", "GROUP/y", "GROUP/p"]);
    Error::unsupported(name, what).settled_by(Question::Paths, [example])
}

/// A group with a dataset for each column.
fn in_columns(contents: &Contents, group: &str) -> Result<Option<Found>> {
    let is_column = |d: &&Dataset| d.space.shape.len() == 1 && matches!(d.of, Type::Number(_));
    let columns: Vec<&Dataset> = contents.within(group).filter(is_column).collect();
    let names: Vec<&str> = columns.iter().map(|d| last(&d.path)).collect();
    let roles = match Role::find(Place::part(format!("group /{group}")), &names) {
        Ok(roles) => roles,
        Err(error) if error.kind() == ErrorKind::Ambiguous => {
            let within = |paths: ColumnPaths| {
                ColumnPaths::new(paths.paths().map(|name| format!("{group}/{name}")))
            };
            let readings = error.ways_out().iter().flat_map(|way| match way {
                WayOut::Tell(_, names) => names.as_slice(),
                _ => &[],
            });
            let readings = readings.filter_map(|names| names.parse().ok()).map(within);
            let asked = Error::ambiguous(error.place().clone(), error.what());
            return Err(asked.settled_by(Question::Paths, readings));
        }
        Err(_) => return Ok(None),
    };
    let at = |i: usize| At::new(columns[i], Of::All);
    let time = columns[roles[0]];
    let whole = !matches!(time.of, Type::Number(s) if s.kind == Kind::Float);
    let has = |group: &str, name: &str| contents.at(&join(group, name)).is_some();
    let beside = ["ms_map_idx", "t_offset", "ms_to_idx"];
    let indexed = beside.iter().any(|name| has(group, name));
    let indexed = indexed || has("", "t_offset") || has("", "ms_to_idx");
    let layout = match last(group) {
        _ if whole && (indexed || group.starts_with("prophesee")) => Layout::Dsec,
        "events" if !whole && last(&time.path) == "ts" => Layout::Monash,
        "events" => Layout::Events,
        _ => Layout::Other,
    };
    let mut read = roles.to_vec();
    read.extend((0..names.len()).filter(|i| INDEXES.contains(&names[*i])));
    let notes = not_read("datasets", &names, &read).into_iter().collect();
    Ok(Some(Found::new(group, layout, roles.map(at), notes)))
}

/// Records with a field for each column.
fn in_records(dataset: &Dataset) -> Option<Found> {
    let Type::Record(fields, _) = &dataset.of else {
        return None;
    };
    if dataset.space.shape.len() != 1 {
        return None;
    }
    let names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
    let roles = Role::find("", &names).ok()?;
    let at = |i: usize| At::new(dataset, Of::Field(names[i].to_owned()));
    let layout = match &*dataset.path {
        "CD/events" => Layout::Prophesee,
        path if last(path) == "events" => Layout::Events,
        _ => Layout::Other,
    };
    let notes = not_read("fields", &names, &roles).into_iter().collect();
    Some(Found::new(&dataset.path, layout, roles.map(at), notes))
}

/// N x 4 numbers that are called events. Which column is which is found later.
fn in_numbers(contents: &Contents, dataset: &Dataset) -> Option<Found> {
    let Type::Number(scalar) = dataset.of else {
        return None;
    };
    let columns = *dataset.space.shape.get(1)?;
    let is_table = dataset.space.shape.len() == 2 && (4..=16).contains(&columns);
    if !is_table || !last(&dataset.path).contains("events") {
        return None;
    }
    let group = parent(&dataset.path);
    let of_mvsec =
        group.starts_with("davis") || contents.at(&join(group, "image_raw_ts")).is_some();
    let layout = match scalar.kind {
        _ if columns != 4 => Layout::Other,
        Kind::Float if of_mvsec => Layout::Mvsec,
        Kind::Float => Layout::Other,
        _ => Layout::V2e,
    };
    // The order of v2e, until the values are looked at.
    let at = [0, 1, 2, 3].map(|n| At::new(dataset, Of::Number(n)));
    Some(Found::new(&dataset.path, layout, at, Vec::new()))
}

impl Found {
    fn new(path: &str, layout: Layout, columns: [At; 4], notes: Vec<Note>) -> Self {
        Self {
            path: path.to_owned(),
            name: String::new(),
            layout,
            columns,
            order: None,
            unit: None,
            t_offset: 0,
            size: None,
            clock: Clock::default(),
            index: None,
            notes,
            losses: Vec::new(),
            calibration: None,
        }
    }

    /// The group of its columns: what else is said stands beside them.
    pub(crate) fn group(&self) -> &str {
        parent(&self.columns[0].dataset.path)
    }
}

/// The columns that were told.
///
/// # Errors
/// If there is no such dataset, field or column.
pub(crate) fn told(
    file: &File,
    contents: &Contents,
    name: &str,
    paths: &ColumnPaths,
) -> Result<Found> {
    let mut columns = Vec::new();
    for path in paths.paths() {
        columns.push(column_at(file, contents, name, path)?);
    }
    let columns: [At; 4] = columns
        .try_into()
        .unwrap_or_else(|_| unreachable!("a column for each path"));
    let path = columns[0].dataset.path.clone();
    let mut found = Found::new(&path, Layout::Other, columns, Vec::new());
    found.order = Some("as told".to_owned());
    describe(file, contents, &mut found);
    Ok(found)
}

fn column_at(file: &File, contents: &Contents, name: &str, path: &str) -> Result<At> {
    let path = path.trim_matches('/');
    let wrong = |what: String| {
        let what = format!("{name}: {what}; it has {}", contents.listed());
        Error::invalid(what).settled_by(Question::Paths, [""; 0])
    };
    let within = |e: Error| e.within(name);
    if let Some(dataset) = file.dataset(path).map_err(within)? {
        return match dataset.space.shape.len() {
            1 => Ok(At::new(&dataset, Of::All)),
            n => Err(wrong(format!(
                "{path} has {n} dimensions: name a column of it by its number, {path}/0"
            ))),
        };
    }
    // The last part may be a field, or the number of a column.
    let dataset = match path.rsplit_once('/') {
        Some((parent, _)) => file.dataset(parent).map_err(within)?,
        None => None,
    };
    let Some(dataset) = dataset else {
        return Err(wrong(format!("there is no dataset {path:?}")));
    };
    let part = last(path);
    let of = match (&dataset.of, &dataset.space.shape[..]) {
        (Type::Record(fields, _), [_]) => {
            let known = fields.iter().any(|field| field.name == part);
            known.then(|| Of::Field(part.to_owned()))
        }
        (_, [_, n]) => part.parse().ok().filter(|i| i < n).map(Of::Number),
        _ => None,
    };
    let of = of.ok_or_else(|| wrong(format!("there is no column {part:?} in {}", dataset.path)))?;
    Ok(At::new(&dataset, of))
}

/// What stands beside the columns: the offset of times, their unit, the size of the sensor.
fn describe(file: &File, contents: &Contents, stream: &mut Found) {
    let group = stream.group().to_owned();
    let dataset = |name: &str| contents.at(&join(&group, name));
    let beside = |name: &str| dataset(name).and_then(Dataset::said);
    stream.index = match stream.layout {
        Layout::Dsec => ["ms_to_idx", "ms_map_idx"]
            .into_iter()
            .find_map(|name| dataset(name).or_else(|| contents.at(name)))
            .and_then(RowIndex::milliseconds),
        Layout::Prophesee => contents.at("CD/indexes").and_then(|indexes| {
            RowIndex::entries(indexes, file.attributes_at(indexes.address).get("offset"))
        }),
        _ => None,
    };
    // t_offset stands at the top in DSEC.
    let offset = beside("t_offset").or_else(|| contents.at("t_offset").and_then(Dataset::said));
    let offset = offset.and_then(|said| said.one_whole());
    let is_there = |group: &str| contents.get(&join(group, "t_offset")).is_some();
    if offset.is_none() && (is_there("") || is_there(&group)) {
        let what =
            "offsets of times that cannot be read: times are those of the camera's own clock";
        stream
            .losses
            .push(Loss::new(LossKind::Damaged, what, 1).with_examples(["t_offset"]));
    }
    let time = &stream.columns[0];
    stream.unit = unit_said(&file.attributes_at(time.dataset.address));
    stream.clock = match stream.layout {
        // The time of ROS.
        Layout::Mvsec => Clock::of(ClockKind::Unix),
        Layout::Prophesee => Clock::of(ClockKind::Sensor),
        _ => Clock::default(),
    };
    let is_whole = time.scalar(Role::Time).is_ok_and(|s| s.kind != Kind::Float);
    match offset {
        Some(offset) if is_whole => {
            stream.t_offset = offset;
            let what = format!("t_offset, {offset}, is added to all times");
            stream.notes.push(Note::Other(what));
        }
        Some(_) => {
            // In which unit it is nothing says.
            let what = "offsets of times that are not added, for times are floats";
            let loss = Loss::new(LossKind::Other, what, 1);
            stream.losses.push(loss.with_examples(["t_offset"]));
        }
        None => {}
    }
    match calibration(beside) {
        None => {}
        Some(Ok(calibration)) => stream.calibration = Some(calibration),
        Some(Err(why)) => {
            let what = format!("the calibration of the camera is not taken: {why}");
            stream.notes.push(Note::Other(what));
        }
    }
    stream.size = size_beside(&contents.attributes(file, &group), &contents.top, beside);
}

/// What attributes say of the unit of times.
fn unit_said(attributes: &Attributes) -> Option<Result<TimeUnit, String>> {
    let mut unknown = None;
    for name in ["unit", "units", "time_unit"] {
        let text = match attributes.get(name) {
            Some(Said::Text(text)) => text.trim().to_owned(),
            Some(Said::Whole(values)) => format!("{values:?}"),
            Some(Said::Real(values)) => format!("{values:?}"),
            None => continue,
        };
        if let Some(unit) = TimeUnit::from_any_name(&text.to_lowercase()) {
            return Some(Ok(unit));
        }
        if !text.is_empty() && unknown.is_none() {
            let text: String = text.chars().take(60).collect();
            unknown = Some(Err(format!("{name} says {text:?}")));
        }
    }
    unknown
}

/// What M3ED says of the lens, as JSON: `intrinsics` are fx, fy, cx and cy, and `distortion_coeffs` k1, k2, p1 and p2 of
/// the model `radtan`, or k1 to k4 of `equidistant`. None where it says nothing, or why that is not taken.
/// <https://m3ed.io/data_overview/>
fn calibration(beside: impl Fn(&str) -> Option<Said>) -> Option<Result<String, &'static str>> {
    let numbers = |path: &str| match beside(path)? {
        Said::Real(values) if values.iter().all(|v| v.is_finite()) => Some(values),
        Said::Whole(values) => Some(values.into_iter().map(|v| v as f64).collect()),
        _ => None,
    };
    let known = [
        "calib/intrinsics",
        "calib/distortion_coeffs",
        "calib/distortion_model",
    ];
    if known.iter().all(|path| beside(path).is_none()) {
        return None;
    }
    let told = || {
        let intrinsics = numbers("calib/intrinsics").ok_or("intrinsics are no numbers")?;
        let &[fx, fy, cx, cy] = &intrinsics[..] else {
            return Err("intrinsics are not fx, fy, cx and cy");
        };
        let k = numbers("calib/distortion_coeffs").ok_or("distortion_coeffs are no numbers")?;
        let model = match beside("calib/distortion_model") {
            Some(Said::Text(model)) if model.trim() == "radtan" => "radtan",
            Some(Said::Text(model)) if ["equidistant", "fisheye"].contains(&model.trim()) => {
                "equidistant"
            }
            _ => return Err("distortion_model is neither radtan nor equidistant"),
        };
        Ok(format!(
            "{{\"model\": \"pinhole\", \"fx\": {fx:?}, \"fy\": {fy:?}, \"cx\": {cx:?}, \"cy\": {cy:?}, \
             \"distortion\": {{\"model\": \"{model}\", \"k\": {k:?}}}}}"
        ))
    };
    Some(told())
}

/// The size of the sensor, and who says it.
fn size_beside(
    group: &Attributes,
    top: &Attributes,
    beside: impl Fn(&str) -> Option<Said>,
) -> Option<(SensorSize, String)> {
    let size = |width: i64, height: i64| {
        let side = |n: i64| u32::try_from(n).ok().filter(|n| (1..=1 << 16).contains(n));
        let (width, height) = (side(width)?, side(height)?);
        Some(SensorSize { width, height })
    };
    let whole = |said: Option<&Said>| said?.one_whole();
    let (width, height) = (beside("width"), beside("height"));
    if let (Some(width), Some(height)) = (whole(width.as_ref()), whole(height.as_ref()))
        && let Some(size) = size(width, height)
    {
        return Some((size, "width and height".to_owned()));
    }
    // As M3ED has it.
    if let Some(Said::Whole(sides)) = beside("calib/resolution")
        && let [width, height] = sides[..]
        && let Some(size) = size(width, height)
    {
        return Some((size, "calib/resolution".to_owned()));
    }
    for said in [group, top] {
        // As Prophesee has it.
        if let Some(Said::Text(geometry)) = said.get("geometry") {
            let sides = geometry.trim().split_once('x');
            let sides =
                sides.and_then(|(w, h)| Some((w.trim().parse().ok()?, h.trim().parse().ok()?)));
            if let Some(size) = sides.and_then(|(width, height)| size(width, height)) {
                return Some((size, "attribute geometry".to_owned()));
            }
        }
        let sides = (whole(said.get("width")), whole(said.get("height")));
        if let (Some(width), Some(height)) = sides
            && let Some(size) = size(width, height)
        {
            return Some((size, "attributes width and height".to_owned()));
        }
        // Rows first, as an image has them.
        if let Some(Said::Whole(sides)) = said.get("sensor_resolution")
            && let [height, width, ..] = sides[..]
            && let Some(size) = size(width, height)
        {
            let who = "attribute sensor_resolution, height first".to_owned();
            return Some((size, who));
        }
    }
    None
}

/// Gives each stream a name that no other has: the last part of its path that says something.
fn name_them(streams: &mut [Found]) {
    let short = |path: &str| {
        let path = path.strip_suffix("/events").unwrap_or(path);
        last(path).to_owned()
    };
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for stream in streams.iter() {
        *known.entry(short(&stream.path)).or_default() += 1;
    }
    for stream in streams {
        let name = short(&stream.path);
        stream.name = match known[&name] == 1 && !name.is_empty() {
            true => name,
            false => stream.path.clone(),
        };
    }
}
