//! `meta`: the metadata of an .evz file, shown or edited.

use anyhow::{Context, Result};
use evz::{Error, EventIndex, Metadata, ReadOptions, Value};

use super::Outcome;
use crate::args::MetaArgs;
use crate::facts::metadata_as_json;
use crate::input::bytes;
use crate::standard_output::print;
use crate::words::say_report;

pub(crate) fn run(args: &MetaArgs) -> Result<Outcome> {
    let mut set = Metadata::new();
    for pair in &args.set {
        let (key, text) = key_and_value(pair)?;
        set.insert(key, Value::from(text));
    }
    for pair in &args.set_json {
        let (key, text) = key_and_value(pair)?;
        set.insert(key, typed(pair, text)?);
    }
    if !set.is_empty() || !args.unset.is_empty() {
        let known = ReadOptions::new().open(&args.file)?.metadata().clone();
        if let Some(key) = args.unset.iter().find(|key| !known.contains_key(*key)) {
            let what = format!("{}: has no metadata {key:?}", args.file.display());
            return Err(Error::invalid(what).into());
        }
        evz::file::edit_metadata(&args.file, |metadata| {
            args.unset.iter().for_each(|key| drop(metadata.remove(key)));
            metadata.extend(set);
        })?;
        return Ok(Outcome::Done);
    }
    let reader = ReadOptions::new().open_input(bytes(&args.file)?)?;
    let metadata = reader.metadata();
    let line = |(key, value): (&String, &Value)| match value {
        Value::Text(v) | Value::Json(v) => format!("{key} = {}\n", v.trim_end()),
        Value::Bytes(v) => format!("{key} = {} bytes\n", v.len()),
        Value::Int(v) => format!("{key} = {v}\n"),
        Value::Float(v) => format!("{key} = {v}\n"),
        Value::Bool(v) => format!("{key} = {v}\n"),
    };
    print(match args.json {
        true => format!("{}\n", metadata_as_json(metadata)?),
        false => metadata.iter().map(line).collect(),
    })?;
    Ok(Outcome::of_loss(say_report(&reader.report())))
}

fn key_and_value(pair: &str) -> Result<(String, &str)> {
    let parts = pair.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = parts.ok_or_else(|| {
        Error::invalid(format!(
            "{pair:?} is no KEY=VALUE; write one like place=Zurich"
        ))
    })?;
    Ok((key.to_owned(), value))
}

/// A value as the type that JSON has it in.
fn typed(pair: &str, text: &str) -> Result<Value> {
    let value: serde_json::Value =
        serde_json::from_str(text).with_context(|| format!("{pair:?} holds no JSON"))?;
    Ok(match value {
        serde_json::Value::Bool(v) => v.into(),
        serde_json::Value::String(v) => v.into(),
        serde_json::Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(n), _) => n.into(),
            // As a float it would be another number.
            (None, Some(x)) if x != 0.0 && !text.contains(['.', 'e', 'E']) => {
                let what = format!("{pair:?}: whole numbers are from -2^63 to 2^63 - 1");
                let advice = "give it as text by --set, or as a float, with .0 behind it";
                return Err(Error::invalid(what).advise(advice).into());
            }
            (None, Some(x)) => Value::Float(x),
            (None, None) => Value::Json(text.to_owned()),
        },
        _ => Value::Json(text.to_owned()),
    })
}
