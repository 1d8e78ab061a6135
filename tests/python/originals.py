"""Event representations, computed as the training codes that named them compute them.

Plain and slow references for tests. Every function takes the columns of one window: `t` int64
microseconds in order of time, `x` and `y` pixels, `p` 0 or 1, and returns an array whose axis order,
channel order and type are those of the original. The docstring names the original by repository,
commit and file. Sums run event by event in the type of the original, since float32 sums depend on
their order.
"""

import numpy as np


def _signs(p):
    return np.where(np.asarray(p) > 0, 1, -1)


def _scatter(grid, index, values):
    """Adds `values` to the flat cells `index` of `grid`, one after another."""
    np.add.at(grid.reshape(-1), index, values)


def _pixels(x, y, width):
    return np.asarray(y, np.int64) * width + np.asarray(x, np.int64)


def _split_in_time(grid, position, weight, pixel):
    """Shares every event between the two bins around `position`, in the type of `grid`.

    All shares of the lower bins are added first, then all of the upper ones; a bin off the grid
    takes nothing.
    """
    bins = grid.shape[0]
    plane = grid[0].size
    lower = np.floor(position).astype(np.int64)
    rest = (position - lower).astype(grid.dtype)
    weight = weight.astype(grid.dtype)
    for bin_, share in ((lower, weight * (1 - rest)), (lower + 1, weight * rest)):
        kept = (bin_ >= 0) & (bin_ < bins)
        _scatter(grid, bin_[kept] * plane + pixel[kept], share[kept])


def normalize_e2vid(grid):
    """Shifts and scales the cells that aren't zero by their mean and population deviation.

    Without spread (one event, or all cells equal) the deviation is 0 and every cell, the empty ones
    too, becomes NaN.

    uzh-rpg/rpg_e2vid@d0a7c00 utils/inference_utils.py EventPreprocessor.__call__
    """
    active = grid != 0
    count = active.sum()
    if count == 0:
        return grid
    mean = np.float32(grid.sum() / np.float32(count))
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.sqrt(np.float32((grid**2).sum() / np.float32(count)) - mean * mean)
        return (active.astype(np.float32) * (grid - mean)) / deviation


def normalize_dsec(grid):
    """Shifts and scales the cells that aren't zero by their mean and sample deviation (n - 1).

    Without spread they are shifted alone; other cells stay 0.

    uzh-rpg/DSEC@af90ef1 scripts/dataset/representations.py VoxelGrid.convert
    """
    grid = grid.copy()
    values = grid[grid != 0]
    if values.size == 0:
        return grid
    mean = values.mean(dtype=np.float64).astype(np.float32)
    deviation = np.float32(values.std(ddof=1, dtype=np.float64)) if values.size > 1 else np.float32(np.nan)
    shifted = values - mean
    grid[grid != 0] = shifted / deviation if deviation > 0 else shifted
    return grid


def e2vid(t, x, y, p, width, height, bins=5, normalize=True):
    """Voxel grid of E2VID, float32 (bins, height, width): the last event lies on the last bin.

    uzh-rpg/rpg_e2vid@d0a7c00 utils/inference_utils.py events_to_voxel_grid_pytorch, then
    EventPreprocessor; Rebecq et al., CVPR 2019
    """
    span = float(t[-1] - t[0]) or 1.0
    position = (bins - 1) * (t - t[0]).astype(np.float64) / span
    grid = np.zeros((bins, height, width), np.float32)
    _split_in_time(grid, position, _signs(p), _pixels(x, y, width))
    return normalize_e2vid(grid) if normalize else grid


def dsec(t, x, y, p, width, height, bins=15, normalize=True):
    """Voxel grid of DSEC, float32 (bins, height, width), split in time and, for rectified `x`, `y`, in space.

    Times are float32 fractions of the span. A window without span is empty: its fractions are NaN.
    Corners come from truncation, not from floor, so a coordinate between -2 and 0 has a negative share.

    uzh-rpg/DSEC@af90ef1 scripts/dataset/sequence.py Sequence.events_to_voxel_grid and
    scripts/dataset/representations.py VoxelGrid.convert; Gehrig et al., RA-L 2021
    """
    grid = np.zeros((bins, height, width), np.float32)
    if t[-1] == t[0]:
        return grid
    fraction = (t - t[0]).astype(np.float32)
    fraction = fraction / fraction[-1]
    position = np.float32(bins - 1) * fraction / fraction[-1]
    x = np.asarray(x, np.float32)
    y = np.asarray(y, np.float32)
    value = _signs(p).astype(np.float32)
    x0, y0, b0 = (np.trunc(column).astype(np.int64) for column in (x, y, position))
    for column in (x0, x0 + 1):
        for row in (y0, y0 + 1):
            for bin_ in (b0, b0 + 1):
                kept = (column >= 0) & (column < width) & (row >= 0) & (row < height)
                kept &= (bin_ >= 0) & (bin_ < bins)
                share = value * (1 - np.abs(column.astype(np.float32) - x))
                share = share * (1 - np.abs(row.astype(np.float32) - y))
                share = share * (1 - np.abs(bin_.astype(np.float32) - position))
                _scatter(grid, ((bin_ * height + row) * width + column)[kept], share[kept])
    return normalize_dsec(grid) if normalize else grid


def eraft(t, x, y, p, width, height, bins=15, normalize=True):
    """Voxel grid of E-RAFT on DSEC: the one of DSEC with 15 bins, normalised.

    uzh-rpg/E-RAFT@c58ce05 loader/loader_dsec.py Sequence.events_to_voxel_grid and
    utils/dsec_utils.py VoxelGrid.convert; Gehrig et al., 3DV 2021
    """
    return dsec(t, x, y, p, width, height, bins, normalize)


def eraft_mvsec(t, x, y, p, width, height, bins=15, normalize=True):
    """Voxel grid of E-RAFT on MVSEC: the one of E2VID, normalised as DSEC's.

    uzh-rpg/E-RAFT@c58ce05 utils/transformers.py EventSequenceToVoxelGrid_Pytorch
    """
    grid = e2vid(t, x, y, p, width, height, bins, normalize=False)
    return normalize_dsec(grid) if normalize else grid


def tonic_voxel_grid(t, x, y, p, width, height, bins=10):
    """Voxel grid of Tonic, float64 (bins, 1, height, width).

    The span is cut into `bins` parts and an event in part b is shared between b and b + 1, so events
    at the very last time fall off the grid and the last bin loses its upper shares. Without span the
    original divides 0 by 0 and writes NaN; here the grid stays empty.

    neuromorphs/tonic@d0cb6df tonic/functional/to_voxel_grid.py to_voxel_grid_numpy
    """
    grid = np.zeros((bins, height, width), np.float64)
    if t[-1] != t[0]:
        position = bins * (t - t[0]).astype(np.float64) / (t[-1] - t[0])
        _split_in_time(grid, position, _signs(p), _pixels(x, y, width))
    return grid.reshape(bins, 1, height, width)


def openeb_event_cube(
    t, x, y, p, width, height, start, duration, bins=10, split_polarity=True, max_incr=63.75, clip=1.0
):
    """Event cube of OpenEB, float32 (channels, height, width), channel bin * 2 + polarity.

    Bins have their centres at (b + 0.5) * duration / bins after `start`; shares before the first
    and after the last centre are dropped. Every addition is clipped at once.

    prophesee-ai/openeb@0499c95 sdk/modules/core/cpp/include/metavision/sdk/core/preprocessors/
    detail/event_cube_processor_impl.h EventCubeProcessor::compute
    """
    polarities = 2 if split_polarity else 1
    grid = np.zeros((bins, polarities, height, width), np.float32)
    one, clip = np.float32(1), np.float32(clip)
    rate = np.float32(bins) / np.float32(duration)
    factor = one / np.float32(max_incr)
    for ti, xi, yi, pi in zip(t, x, y, p):
        position = np.float32(ti - start) * rate - np.float32(0.5)
        lower = int(np.floor(position))
        left = max(np.float32(0), one - abs(np.float32(lower) - position))
        right = one - left
        sign = one if split_polarity or pi else -one
        channel = int(pi) if split_polarity else 0
        for bin_, share in ((lower, left * sign), (lower + 1, right * sign)):
            if 0 <= bin_ < bins:
                cell = grid[bin_, channel, yi, xi] + share * factor
                grid[bin_, channel, yi, xi] = max(-clip, min(clip, cell))
    return grid.reshape(bins * polarities, height, width)


def openeb_event_volume(t, x, y, p, width, height, start, duration, bins=10, mode="bilinear"):
    """Event volume of OpenEB's PyTorch code, float32 (bins, height, width).

    The lower bin is clamped to the grid before the shares are taken: before the first centre the
    rest goes to bin 1, after the last one to the last bin. Times are float32 from the start.

    prophesee-ai/openeb@0499c95 sdk/modules/core_ml/python/pypkg/metavision_core_ml/preprocessing/
    event_to_tensor_torch.py event_volume
    """
    grid = np.zeros((bins, height, width), np.float32)
    pixel = _pixels(x, y, width)
    sign = _signs(p).astype(np.float32)
    since = t.astype(np.float32) - np.float32(start)
    position = since * np.float32(bins) / np.float32(duration) - np.float32(0.5)
    lower = np.clip(np.floor(position), 0, bins - 1)
    if mode != "bilinear":
        _scatter(grid, lower.astype(np.int64) * height * width + pixel, sign)
        return grid
    upper = np.minimum(lower + 1, bins - 1)
    left = np.maximum(1 - np.abs(lower - position), np.float32(0))
    for bin_, share in ((lower, left), (upper, 1 - left)):
        _scatter(grid, bin_.astype(np.int64) * height * width + pixel, sign * share)
    return grid


def ess_voxel_grid(t, x, y, p, width, height, bins=5, separate=True):
    """Voxel grid of ESS, float32 (2 * bins, height, width): the positive bins, then the negative ones.

    With `separate` false: positive minus negative, (bins, height, width).

    uzh-rpg/ess@46bf1ee datasets/data_util.py generate_voxel_grid; Sun et al., ECCV 2022
    """
    span = float(t[-1] - t[0]) or 1.0
    position = (bins - 1) * (t - t[0]).astype(np.float64) / span
    lower = position.astype(np.int64)
    rest = position - lower
    pixel = _pixels(x, y, width)
    grids = []
    for side in (np.asarray(p) > 0, np.asarray(p) <= 0):
        grid = np.zeros((bins, height, width), np.float32)
        for bin_, share in ((lower, 1 - rest), (lower + 1, rest)):
            kept = side & (bin_ < bins)
            _scatter(grid, bin_[kept] * height * width + pixel[kept], share[kept])
        grids.append(grid)
    return np.concatenate(grids) if separate else grids[0] - grids[1]


def hmnet_voxel_grid(t, x, y, p, width, height, end, duration, bins=5, measurement="time"):
    """Voxel grid of HMNet, float32 (2 * bins, height, width), channel bin * 2 + polarity (negative first).

    Times run over the window borders [end - duration, end], one microsecond longer at the end, not
    over the events. With `measurement` "time" a share is also weighted by the time, with "count" not.

    hamarh/HMNet_pth@168142a hmnet/models/base/event_repr/basic.py voxel_grid; Hamaguchi et al., CVPR 2023
    """
    grid = np.zeros((bins, 2, height, width), np.float32)
    since = (t - (end - duration)).astype(np.float32)
    span = np.float32(duration + 1)
    position = np.float32(bins - 1) * since / span
    lower = position.astype(np.int64)
    rest = position - lower.astype(np.float32)
    value = since / span if measurement == "time" else np.ones_like(since)
    cell = (np.asarray(p) > 0) * height * width + _pixels(x, y, width)
    for bin_, share in ((lower, 1 - rest), (lower + 1, rest)):
        kept = bin_ < bins
        _scatter(grid, bin_[kept] * 2 * height * width + cell[kept], (share * value)[kept])
    return grid.reshape(2 * bins, height, width)


def eventgan_volume(t, x, y, p, width, height, bins=9):
    """Event volume of EventGAN, float32 (2 * bins, height, width): the positive bins, then the negative.

    Floor and ceiling are taken 1e-8 away, which float32 cannot hold from 1 on: an event on bin b > 0
    gives 1 to b by the floor and 0 to b by the ceiling.

    alexzzhu/EventGAN@c423048 EventGAN/utils/event_utils.py gen_discretized_event_volume
    """
    grid = np.zeros((2, bins, height, width), np.float32)
    since = (t - t[0]).astype(np.float32)
    position = since * np.float32((bins - 1) / since[-1])
    lower = np.floor(position + np.float32(1e-8))
    upper = np.ceil(position - np.float32(1e-8))
    cell = (np.asarray(p) <= 0) * bins * height * width + _pixels(x, y, width)
    for bin_, share in ((lower, np.floor(position) + 1 - position), (upper, position - lower)):
        _scatter(grid, bin_.astype(np.int64) * height * width + cell, share)
    return grid.reshape(2 * bins, height, width)


def timelens_voxel_grid(t, x, y, p, width, height, start, end, bins=5):
    """Voxel grid of Time Lens, float32 (bins, height, width), over the window borders.

    Without span the positions are NaN and the grid is empty.

    uzh-rpg/rpg_timelens@1ceb6dd timelens/common/representation.py to_voxel_grid; Tulyakov et al., CVPR 2021
    """
    grid = np.zeros((bins, height, width), np.float32)
    if end == start:
        return grid
    position = ((t - start).astype(np.float64) * (bins - 1) / (end - start)).astype(np.float32)
    lower = np.floor(position)
    pixel = _pixels(x, y, width)
    for bin_ in (lower, lower + 1):
        kept = (bin_ >= 0) & (bin_ < bins)
        share = _signs(p).astype(np.float32) * (1 - np.abs(bin_ - position))
        _scatter(grid, bin_.astype(np.int64)[kept] * height * width + pixel[kept], share[kept])
    return grid


def event_cnn_voxel_grid(t, x, y, p, width, height, bins=5, separate=False):
    """Voxel grid of event_cnn_minimal (E2VID+), float32 (bins, height, width); empty below 3 events.

    Times are float32 seconds from the first event. With `separate`: positive bins, then negative,
    both counted up. Without span the original is NaN at every pixel that has an event.

    TimoStoff/event_cnn_minimal@78aa471 data_loader/dataset.py BaseVoxelDataset.__getitem__ and
    TimoStoff/events_contrast_maximization@ab74aba utils/event_utils.py events_to_voxel_torch;
    Stoffregen et al., ECCV 2020
    """
    sides = [_signs(p)] if not separate else [np.asarray(p) > 0, np.asarray(p) <= 0]
    grid = np.zeros((len(sides), bins, height, width), np.float32)
    if len(t) < 3:
        return grid.reshape(-1, height, width)
    seconds = ((t - t[0]) / 1e6).astype(np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        position = seconds / seconds[-1] * np.float32(bins - 1)
    pixel = _pixels(x, y, width)
    for side, weight in enumerate(sides):
        for bin_ in range(bins):
            share = np.maximum(np.float32(0), 1 - np.abs(position - np.float32(bin_)))
            _scatter(grid[side, bin_], pixel, weight.astype(np.float32) * share)
    return grid.reshape(-1, height, width)


def _latest(t, x, y, p, width, height, empty=-np.inf):
    """Time of the last event of every pixel, float64 (2, height, width), negative first."""
    latest = np.full((2, height, width), empty, np.float64)
    for ti, xi, yi, pi in zip(t, x, y, p):
        latest[int(pi), yi, xi] = ti
    return latest


def exponential_surface(t, x, y, p, width, height, tau, reference):
    """exp((last - reference) / tau), float64 (2, height, width), negative first; 0 where no event was.

    Lagorce et al., TPAMI 2017 (HOTS)
    """
    return np.exp((_latest(t, x, y, p, width, height) - reference) / tau)


def tonic_timesurface(t, x, y, p, width, height, dt, tau):
    """Time surfaces of Tonic, float64 (n, 2, height, width): one at the end of every `dt`, negative first.

    Slice i holds [t0 + i dt, t0 + (i + 1) dt), t0 the first event; an incomplete last slice is
    dropped, unless it is the only one.

    neuromorphs/tonic@d0cb6df tonic/functional/to_timesurface.py to_timesurface_numpy
    """
    count = max(int((t[-1] - t[0] - dt) // dt) + 1, 1)
    surfaces = []
    for i in range(1, count + 1):
        reference = t[0] + i * dt
        seen = t < reference
        columns = (column[seen] for column in (t, x, y, p))
        surfaces.append(exponential_surface(*columns, width, height, tau, reference))
    return np.array(surfaces)


def hmnet_time_surface(t, x, y, p, width, height, end, tau=(10e3, 100e3)):
    """Time surface of HMNet, float32 (2 * len(tau), height, width), channel polarity * len(tau) + tau.

    Times count from the start of the window; an event at time 0 counts as none.

    hamarh/HMNet_pth@168142a hmnet/models/base/event_repr/basic.py time_surface, _decay
    """
    latest = _latest(t, x, y, p, width, height, empty=0).astype(np.float32)
    age = (latest - np.float32(end))[:, None]
    surface = np.exp(age / np.asarray(tau, np.float32)[None, :, None, None]) * (latest > 0)[:, None]
    return surface.reshape(-1, height, width)


def evflownet(t, x, y, p, width, height, start):
    """Count and time images of EV-FlowNet, float32 (height, width, 4).

    Channels: positive count, negative count, last positive time, last negative time; times from
    `start`, divided by the largest of both. The window is (start, end]. No event after `start` gives
    NaN times. Counts are uint16 and wrap.

    daniilidis-group/EV-FlowNet@cf801ef data/extract_rosbag_to_tf.py _save_events and src/data_loader.py
    EventDataDecoder._read_events; Zhu et al., RSS 2018
    """
    count = np.zeros((height, width, 2), np.uint16)
    last = np.zeros((height, width, 2), np.float32)
    for ti, xi, yi, pi in zip(t, x, y, p):
        channel = 0 if pi else 1
        count[yi, xi, channel] += np.uint16(1)
        last[yi, xi, channel] = (ti - start) / 1e6
    with np.errstate(invalid="ignore"):
        last = last / last.max()
    return np.concatenate([count.astype(np.float32), last], axis=2)


def _ages_ms(t):
    return (t.max(initial=0) - t).astype(np.float64) * 1e-3


def eventcv_voxel(t, x, y, p, width, height, bins=9, window_ms=30.0):
    """Voxel grid of EventCV, float32 (bins, height, width), over the last `window_ms` up to the last event.

    eventcv-core 1.0.8 src/representation/voxel.rs (crates.io)
    """
    grid = np.zeros((bins, height, width), np.float32)
    for age, xi, yi, pi in zip(_ages_ms(t), x, y, p):
        if age > window_ms:
            continue
        position = (1 - age / window_ms) * (bins - 1)
        lower = int(position)
        rest = np.float32(position - lower)
        sign = np.float32(1 if pi else -1)
        grid[lower, yi, xi] += sign * (np.float32(1) - rest)
        if rest:
            grid[lower + 1, yi, xi] += sign * rest
    return grid


def eventcv_time_surface(t, x, y, p, width, height, tau_ms=30.0):
    """Time surface of EventCV, float32 (2, height, width), positive first, at the last event.

    eventcv-core 1.0.8 src/representation/time_surface.rs
    """
    surface = exponential_surface(t, x, y, p, width, height, tau_ms * 1e3, t.max(initial=0))
    return surface[::-1].astype(np.float32)


def eventcv_averaged_time_surface(t, x, y, p, width, height, tau_ms=30.0):
    """Mean of exp(-age / tau) over all events of a pixel, float32 (2, height, width), positive first.

    No HATS: neither cells nor neighbourhoods.

    eventcv-core 1.0.8 src/representation/averaged_time_surface.rs
    """
    total = np.zeros((2, height, width))
    count = np.zeros((2, height, width))
    cell = (np.asarray(p) == 0) * height * width + _pixels(x, y, width)
    _scatter(total, cell, np.exp(-_ages_ms(t) / tau_ms))
    _scatter(count, cell, 1)
    return (total / np.maximum(count, 1)).astype(np.float32)


def eventcv_tencode(t, x, y, p, width, height, window_ms=30.0):
    """Tencode of EventCV, uint8 (3, height, width), of the last event of every pixel.

    Channels: 255 if it is positive, its age, 255 if it is negative. The age runs
    from 0 (the last event) to 255 (window_ms), rounded half up.

    eventcv-core 1.0.8 src/representation/tencode.rs; Huang et al., WACV 2023 (EventPoint)
    """
    image = np.zeros((3, height, width), np.uint8)
    for age, xi, yi, pi in zip(_ages_ms(t), x, y, p):
        if age <= window_ms:
            image[:, yi, xi] = (255 if pi else 0, np.floor(255 * age / window_ms + 0.5), 0 if pi else 255)
    return image


def eventcv_mcts(t, x, y, p, width, height, windows_ms=None, max_window_ms=30.0):
    """Multi-channel time surface of EventCV, float32 (2 * windows, height, width), negative windows first.

    A channel is max(0, 1 - age / window) of the last event; five windows from 1 ms to
    `max_window_ms`, equal in ratio, unless given.

    eventcv-core 1.0.8 src/representation/mcts.rs
    """
    if windows_ms is None:
        windows_ms = [(max_window_ms**0.25) ** i for i in range(5)]
    count = len(windows_ms)
    surface = np.zeros((2, count, height, width), np.float32)
    for age, xi, yi, pi in zip(_ages_ms(t), x, y, p):
        for i, window in enumerate(windows_ms):
            if age <= window:
                value = np.float32(1 - age / window)
                surface[int(pi), i, yi, xi] = max(surface[int(pi), i, yi, xi], value)
    return surface.reshape(2 * count, height, width)


def tore(t, x, y, p, width, height, sample, k=3, min_time=150, max_time=5e6):
    """TORE volume, float32 (height, width, 2 * k): the k newest positive events, then the k newest negative.

    A value is max(0, log(min(age, max_time) + 1) - log(min_time + 1)): 0 for a new event, the largest
    where none is. Events at `sample` itself are left out.

    bald6354/tore_volumes@545b240 code/events2ToreFeature.m; Baldwin et al., TPAMI 2022
    """
    ages = np.full((height, width, 2, k), np.inf)
    for ti, xi, yi, pi in zip(t, x, y, p):
        if ti < sample:
            side = ages[yi, xi, 0 if pi else 1]
            side[1:] = side[:-1].copy()
            side[0] = sample - ti
    ages = np.minimum(ages.reshape(height, width, 2 * k).astype(np.float32), np.float32(max_time))
    return np.maximum(np.log(ages + 1) - np.float32(np.log(min_time + 1)), np.float32(0))


def mixed_density_stack(t, x, y, p, width, height, bins=10, count_cutoff=32):
    """Mixed-density event stack of RVT, int8 (bins, height, width).

    Bin b holds the sum of signs of the events up to the time 2 ** (b + 1 - bins) of the span; the last
    one holds all. The int8 sums wrap before they are cut off.

    uzh-rpg/RVT@b80f568 data/utils/representations.py MixedDensityEventStack.construct;
    after Nam et al., CVPR 2022
    """
    stack = np.zeros((bins, height, width), np.int64)
    if len(t) == 0:
        return stack.astype(np.int8)
    fraction = (t - t[0]).astype(np.float32) / np.float32(max(t[-1] - t[0], 1))
    fraction = np.clip(fraction, np.float32(1e-6), np.float32(1 - 1e-6))
    bin_ = np.float32(bins) - np.log(fraction) / np.float32(np.log(0.5))
    bin_ = np.floor(np.maximum(bin_, 0)).astype(np.int64)
    _scatter(stack, bin_ * height * width + _pixels(x, y, width), _signs(p))
    stack = np.cumsum(stack, axis=0).astype(np.int8)
    return np.clip(stack, -count_cutoff, count_cutoff).astype(np.int8)


def stacked_histogram(t, x, y, p, width, height, bins=10, count_cutoff=10, fastmode=True):
    """Stacked histogram of RVT, uint8 (2 * bins, height, width): the negative bins, then the positive ones.

    Times are float32 fractions of the span of the events. With `fastmode` the counts are uint8 and
    wrap at 256 before they are cut off.

    uzh-rpg/RVT@b80f568 data/utils/representations.py StackedHistogram.construct;
    Gehrig and Scaramuzza, CVPR 2023
    """
    counts = np.zeros((2, bins, height, width), np.uint8 if fastmode else np.int16)
    if len(t):
        fraction = (t - t[0]).astype(np.float32) / np.float32(max(t[-1] - t[0], 1))
        bin_ = np.minimum(np.floor(fraction * np.float32(bins)).astype(np.int64), bins - 1)
        cell = (np.asarray(p, np.int64) * bins + bin_) * height * width + _pixels(x, y, width)
        _scatter(counts, cell, counts.dtype.type(1))
    return np.clip(counts, 0, count_cutoff).astype(np.uint8).reshape(2 * bins, height, width)


def rvt_downsample(representation):
    """Halves height and width as RVT does for the 1 Mpx data: the pixel at 2 i + 1 is kept, no sum.

    uzh-rpg/RVT@b80f568 scripts/genx/preprocess_dataset.py downsample_ev_repr
    """
    height, width = representation.shape[-2:]
    return representation[..., 1 : height // 2 * 2 : 2, 1 : width // 2 * 2 : 2]


def tonic_averaged_timesurface(
    t, x, y, p, width, height, cell_size, surface_size, time_window, tau, decay="exp"
):
    """Averaged time surfaces (HATS) of Tonic, float32 (cells, 2, surface_size, surface_size), negative first.

    For every event: 1 at its centre and exp(-age / tau) at the place of every earlier event of the
    same cell and polarity that is in its neighbourhood and no older than `time_window`; the mean of
    these over the events of the cell. Cells go row by row. Times are float32.

    neuromorphs/tonic@d0cb6df tonic/functional/to_averaged_timesurface.py; Sironi et al., CVPR 2018
    """
    columns, rows = -(-width // cell_size), -(-height // cell_size)
    average = np.zeros((rows * columns, 2, surface_size, surface_size), np.float32)
    radius = surface_size // 2
    x, y = np.asarray(x, np.int64), np.asarray(y, np.int64)
    cell = (y // cell_size) * columns + x // cell_size
    stamp = t.astype(np.float32)
    for c in range(rows * columns):
        for polarity in (0, 1):
            members = np.flatnonzero((cell == c) & (np.asarray(p) == polarity))
            surfaces = np.zeros((len(members), surface_size, surface_size), np.float32)
            for n, i in enumerate(members):
                earlier = members[:n]
                dx, dy = x[earlier] - x[i], y[earlier] - y[i]
                near = (abs(dx) <= radius) & (abs(dy) <= radius)
                near &= stamp[earlier] >= max(0, stamp[i] - time_window)
                age = stamp[i] - stamp[earlier[near]]
                value = np.exp(-age / np.float32(tau)) if decay == "exp" else 1 - age / np.float32(3 * tau)
                np.add.at(surfaces[n], (dy[near] + radius, dx[near] + radius), value)
                surfaces[n, radius, radius] += 1
            average[c, polarity] = surfaces.sum(axis=0) / max(1, len(members))
    return average


def openeb_histogram(t, x, y, p, width, height, max_incr=5.0, clip=1.0):
    """Histogram of OpenEB, float32 (2, height, width), negative first: 1 / max_incr an event, up to `clip`.

    prophesee-ai/openeb@0499c95 .../preprocessors/detail/histo_processor_impl.h HistoProcessor::compute
    """
    grid = np.zeros((2, height, width), np.float32)
    step, clip = np.float32(1) / np.float32(max_incr), np.float32(clip)
    for xi, yi, pi in zip(x, y, p):
        grid[int(pi), yi, xi] = min(clip, grid[int(pi), yi, xi] + step)
    return grid


def openeb_diff(t, x, y, p, width, height, max_incr=5.0, clip=1.0):
    """Difference frame of OpenEB, float32 (1, height, width), clipped to [-clip, clip] at every event.

    prophesee-ai/openeb@0499c95 .../preprocessors/detail/diff_processor_impl.h DiffProcessor::compute
    """
    grid = np.zeros((1, height, width), np.float32)
    step, clip = np.float32(1) / np.float32(max_incr), np.float32(clip)
    for xi, yi, pi in zip(x, y, p):
        grid[0, yi, xi] = max(-clip, min(clip, grid[0, yi, xi] + (step if pi else -step)))
    return grid


def openeb_time_surface(t, x, y, p, width, height, channels=2):
    """Last timestamps of OpenEB, int64 (height, width, channels), negative first; 0 where no event was.

    prophesee-ai/openeb@0499c95 .../preprocessors/detail/time_surface_processor_impl.h
    TimeSurfaceProcessor::compute
    """
    surface = np.zeros((height, width, channels), np.int64)
    for ti, xi, yi, pi in zip(t, x, y, p):
        surface[yi, xi, int(pi) if channels == 2 else 0] = ti
    return surface


def _counts(x, y, p, width, height, dtype):
    counts = np.zeros((2, height, width), dtype)
    _scatter(counts, np.asarray(p, np.int64) * height * width + _pixels(x, y, width), counts.dtype.type(1))
    return counts


def tonic_frames(
    t, x, y, p, width, height, time_window=None, event_count=None, n_time_bins=None, n_event_bins=None
):
    """Count frames of Tonic, int16 (n, 2, height, width), negative first; exactly one cut is given.

    Remainders are dropped: with `n_time_bins` the bins are (last - first) // n long and open at the
    end, so the last events never count.

    neuromorphs/tonic@d0cb6df tonic/functional/to_frame.py to_frame_numpy and tonic/slicers.py
    """
    events = len(t)
    if time_window is not None:
        n = max(int((t[-1] - t[0] - time_window) // time_window) + 1, 1)
        edges = np.searchsorted(t, t[0] + np.arange(n + 1) * time_window)
    elif event_count is not None:
        size = min(event_count, events)
        edges = np.arange((events - size) // event_count + 2) * event_count
    elif n_time_bins is not None:
        edges = np.searchsorted(t, t[0] + np.arange(n_time_bins + 1) * ((t[-1] - t[0]) // n_time_bins))
    else:
        edges = np.arange(n_event_bins + 1) * (events // n_event_bins)
    spans = [slice(a, b) for a, b in zip(edges[:-1], edges[1:])]
    return np.stack([_counts(x[s], y[s], p[s], width, height, np.int16) for s in spans])


def spikingjelly_frames(t, x, y, p, width, height, frames=16, split_by="number"):
    """Count frames of SpikingJelly, float64 (frames, 2, height, width), channel 0 is p == 0.

    By number: N // frames events each; by time: (last - first) // frames long each; the last frame
    takes what remains. The original fails on a time frame without events.

    fangwei123456/spikingjelly@afb1322 spikingjelly/datasets/utils.py cal_fixed_frames_number_segment_index,
    integrate_events_segment_to_frame
    """
    if split_by == "number":
        edges = np.arange(frames + 1) * (len(t) // frames)
    else:
        edges = np.searchsorted(t, t[0] + np.arange(frames + 1) * ((t[-1] - t[0]) // frames))
    edges[-1] = len(t)
    spans = [slice(a, b) for a, b in zip(edges[:-1], edges[1:])]
    return np.stack([_counts(x[s], y[s], p[s], width, height, np.float64) for s in spans])


def superevent_mcts(t, x, y, p, width, height, windows_s=(0.001, 0.003, 0.01, 0.03, 0.1)):
    """Multi-channel time surface of SuperEvent, float32 (height, width, 2 * windows), negative windows first.

    A channel is max(0, 1 - age / window) of the last event, up to the last event of all. Pixels start
    at time 0, so before the first `window` seconds have passed a pixel without events is not 0.

    ethz-mrl/SuperEvent@7d71ec5 ts_generation/generate_ts.py TsGenerator; Burkhardt et al., ICCV 2025
    """
    windows = np.asarray(windows_s, np.float32)
    last = np.moveaxis(_latest(t / 1e6, x, y, p, width, height, empty=0), 0, -1).astype(np.float32)[..., None]
    surface = np.maximum(last - last.max() + windows, np.float32(0)) / windows
    return surface.reshape(height, width, 2 * len(windows))


def dv_accumulator(
    t,
    x,
    y,
    p,
    width,
    height,
    decay="exponential",
    param=1e6,
    contribution=0.15,
    maximum=1.0,
    neutral=0.0,
    minimum=0.0,
    rectify=False,
    synchronous=False,
):
    """Potential of dv-processing's Accumulator, float32 (height, width), before the frame is taken.

    At an event the pixel decays towards `neutral` for the time since its last decay, then takes
    ±contribution and is clamped. `param` is the time constant in microseconds (exponential) or the
    slope per microsecond (linear); "step" and "none" don't decay here (with "step" the frame resets the
    surface to neutral). `synchronous` decays all pixels to the last event at the end.

    dv-processing 2.0.4 (PyPI), dv::Accumulator, as observed
    """
    minimum, neutral, maximum = np.float32(minimum), np.float32(neutral), np.float32(maximum)
    potential = np.full((height, width), neutral, np.float32)
    since = np.zeros((height, width), np.int64)

    def decayed(value, elapsed):
        if decay == "exponential":
            return np.float32(value - neutral) * np.float32(np.exp(-elapsed / param)) + neutral
        if decay == "linear":
            step = np.float32(elapsed * param)
            return max(value - step, neutral) if value >= neutral else min(value + step, neutral)
        return value

    for ti, xi, yi, pi in zip(t, x, y, p):
        value = decayed(potential[yi, xi], ti - since[yi, xi])
        value += np.float32(contribution if pi or rectify else -contribution)
        potential[yi, xi] = min(max(value, minimum), maximum)
        since[yi, xi] = ti
    if synchronous and len(t):
        for yi, xi in np.ndindex(height, width):
            potential[yi, xi] = decayed(potential[yi, xi], t[-1] - since[yi, xi])
    return potential


def dv_frame(potential, minimum=0.0, maximum=1.0):
    """Grey values of dv-processing's Accumulator frame, uint8: 0 at the minimum, 255 at the maximum.

    Halves go to the even value.

    dv-processing 2.0.4 (PyPI), dv::Accumulator::generateFrame, as observed
    """
    return np.rint((potential.astype(np.float64) - minimum) * (255 / (maximum - minimum))).astype(np.uint8)


def dv_edge_map(t, x, y, p, width, height, contribution=0.25, rectify=True, neutral=0.0):
    """Edge map of dv-processing, uint8 (height, width): ±ceil(255 * contribution) an event, saturating.

    dv-processing 2.0.4 (PyPI), dv::EdgeMapAccumulator with full decay, as observed
    """
    image = np.full((height, width), int(255 * neutral), np.int64)
    step = int(np.ceil(np.float32(255) * np.float32(contribution)))
    for xi, yi, pi in zip(x, y, p):
        image[yi, xi] = min(max(image[yi, xi] + (step if pi or rectify else -step), 0), 255)
    return image.astype(np.uint8)
