/**
 * The host at once, for a pod that no one remembers the like of: cpu and memory in one pass over all rows, other filters
 * and scores by their kernels only where they can make a difference, no words. It is the choice that ScheduleOne makes
 * over a cycle; what is rare is left to that.
 */
import { CPU, MEMORY } from '../../cluster/columns.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import {
  type Choice,
  MAX_NODE_SCORE,
  type NominatedPods,
  type RoomScore,
  SKIP,
  type Tie,
  type View,
} from '../framework.ts';
import type { Undo } from '../reservations.ts';
import { numFeasibleNodesToFind } from '../walk.ts';
import type { SplitScan } from './parallel/split.ts';
import { pickAmong, pickByKey } from './pick.ts';
import { type ActiveFilter, runPreFilter } from './pre-filter.ts';
import type { Ranks } from './ranks.ts';
import { MAX_TOTAL, RANKS, totalIn } from './room/layout.ts';
import { MAX_WEIGHTS, type RoomAsk } from './room/pass.ts';
import type { Room, RoomVerdict } from './room/room.ts';
import type { ScanProfile } from './scan-profile.ts';
import { addWeighted, isError, type ScoreRun, slotOf } from './score-run.ts';
import type { Scratch } from './scratch.ts';

/** What a choice is made from. */
export interface ChoiceParts {
  view: View;
  profile: ScanProfile;
  nominated: NominatedPods;
  room: Room;
  ranks: Ranks;
  scratch: Scratch;
  /** Share the kernels of other filters and scores; none by default. */
  threads?: SplitScan;
}

/** PreScore without nodes: enough to see who has nothing to say. */
const NO_ROWS = new Int32Array(0);
/** Slot of the scratch; those of scores come behind. */
const SUMS = 0;

/**
 * Undefined where a cycle has to tell: no node fits, a plugin fails or names nodes, nominated pods, sampling, exact amounts,
 * plugins from outside that look beyond one node.
 */
export function chooseAtOnce(
  request: PodRequest,
  tie: Tie,
  parts: ChoiceParts,
  onReserve: (undo: Undo) => void,
): Choice | undefined {
  const { view, profile } = parts;
  const { cluster } = view;
  if (!mayChoose(request, parts)) return undefined;
  const { outcome, active } = runPreFilter(profile.filters, request, view);
  if (outcome.error || outcome.rejection || outcome.nodeNames) return undefined;
  const ask = emptyAsk();
  const filters = active.filter((filter) => !takeFilter(filter, ask, request, view));
  const scores = takeScores(profile, ask, request, view);
  if (!scores) return undefined;
  const verdict = parts.room.judge(ask);
  judgeOddRows(verdict, active, scores.taken, request, parts);
  const row =
    pickTogether(verdict, filters, scores.others, tie, request, parts) ??
    pickInTurn(verdict, filters, scores.others, tie, request, parts);
  if (row < 0) return undefined;
  for (const { plugin, facts } of active) {
    const undo = plugin.reserve?.(facts, request, view, row);
    if (undo) onReserve(undo);
  }
  const host = cluster.nodeAt(row)?.metadata.name ?? '';
  return { host, evaluated: cluster.nodeCount, feasible: verdict.found };
}

function mayChoose({ pod, exact }: PodRequest, { view, profile, nominated }: ChoiceParts): boolean {
  const { nodeCount } = view.cluster;
  if (exact || nominated.size > 0 || pod.status?.nominatedNodeName) return false;
  if (profile.sharedFromOutside || profile.scores.length === 0) return false;
  return numFeasibleNodesToFind(nodeCount, profile.percentageOfNodesToScore) === nodeCount;
}

function emptyAsk(): RoomAsk {
  return {
    filter: { cpu: -Infinity, memory: -Infinity, pods: 0 },
    share: { weight: 0, most: false, cpu: 0, memory: 0, cpuWeight: 1, memoryWeight: 1 },
    balance: { weight: 0, cpu: 0, memory: 0 },
  };
}

/** Whether the pass does what the filter would, or nobody needs to. */
function takeFilter({ plugin, facts }: ActiveFilter, { filter }: RoomAsk, request: PodRequest, view: View): boolean {
  if (!plugin.filter || plugin.refusesNobody?.(facts, request, view)) return true;
  const checked = plugin.checkedResources?.(facts);
  if (!checked) return false;
  filter.pods = 1;
  for (const { r, asked } of checked) {
    if (r === CPU) filter.cpu = asked;
    else if (r === MEMORY) filter.memory = asked;
  }
  return checked.every(({ r }) => r === CPU || r === MEMORY);
}

interface Scores {
  taken: readonly ScoreRun[];
  others: readonly ScoreRun[];
}

/** Scores that the pass makes, and others that matter; undefined when one fails. */
function takeScores(profile: ScanProfile, ask: RoomAsk, request: PodRequest, view: View): Scores | undefined {
  const taken: ScoreRun[] = [];
  const others: ScoreRun[] = [];
  for (const { plugin, weight } of profile.scores) {
    if (profile.outside.has(plugin)) {
      others.push({ plugin, weight, facts: undefined }); // It is asked once, about the rows that fit.
      continue;
    }
    const facts = plugin.preScore?.(request, view, NO_ROWS);
    if (facts === SKIP || plugin.scoresAlike?.(facts)) continue;
    if (isError(facts)) return undefined;
    const score = { plugin, weight, facts };
    (takeScore(plugin.roomScore?.(facts), weight, ask) ? taken : others).push(score);
  }
  return { taken, others };
}

function takeScore(score: RoomScore | undefined, weight: number, ask: RoomAsk): boolean {
  if (!score || MAX_NODE_SCORE * (weight + ask.share.weight + ask.balance.weight) >= MAX_TOTAL) return false;
  const { of, cpu, memory } = score;
  if (of === 'Balance') {
    ask.balance = { weight, cpu, memory };
    return true;
  }
  const { cpuWeight, memoryWeight } = score;
  const sum = cpuWeight + memoryWeight;
  if (sum < 1 || sum > MAX_WEIGHTS) return false;
  ask.share = { weight, most: of === 'MostAllocated', cpu, memory, cpuWeight, memoryWeight };
  return true;
}

/** Rows that the pass left out, by the kernels. */
function judgeOddRows(
  verdict: RoomVerdict,
  filters: readonly ActiveFilter[],
  scores: readonly ScoreRun[],
  request: PodRequest,
  { view, room, scratch }: ChoiceParts,
): void {
  const rejectedBy = scratch.oneRow(view.cluster.rows);
  const score = new Float64Array(1);
  for (const row of room.oddRows) {
    rejectedBy[row] = 0;
    for (const { plugin, facts, self } of filters) {
      plugin.filter?.(facts, request, view, row, row + 1, rejectedBy, self);
    }
    if (rejectedBy[row] !== 0) continue;
    let total = 0;
    for (const { plugin, facts, weight } of scores) {
      plugin.score?.(facts, request, view, Int32Array.of(row), score);
      total += weight * score[0];
    }
    verdict.keys[row] = room.keyOf(row, total);
    verdict.found++;
    if (verdict.keys[row] >= verdict.best) setBest(verdict, verdict.keys[row]);
  }
}

/** Some rows have that key, wherever they are. */
function setBest(verdict: RoomVerdict, best: number): void {
  verdict.best = best;
  verdict.from = 0;
  verdict.to = verdict.keys.length;
}

/** As pickInTurn, by going over the rows once; undefined where some plugin has to see all of them at once. */
function pickTogether(
  verdict: RoomVerdict,
  filters: readonly ActiveFilter[],
  others: readonly ScoreRun[],
  tie: Tie,
  request: PodRequest,
  { view, profile, scratch, ranks, room, threads }: ChoiceParts,
): number | undefined {
  const { rows } = view.cluster;
  if (tie.rule !== 'order' || threads?.mayPay(filters.length + others.length, rows)) return undefined;
  if (others.some(({ plugin }) => plugin.scope !== 'local' || plugin.normalize)) return undefined;
  if (!fitInKeys(profile)) return undefined;
  const runs = runsOf(others, request, view, NO_ROWS);
  if (!runs) return undefined;
  if (filters.length === 0 && runs.length === 0) return verdict.found > 0 ? pickByKey(verdict, ranks) : -1;
  const good = room.raise(verdict, {
    weights: runs.map(({ weight }) => weight),
    filter: (from, to, rejectedBy) => {
      for (const { plugin, facts, self } of filters) plugin.filter?.(facts, request, view, from, to, rejectedBy, self);
    },
    score: (i, from, to, scores) => {
      runs[i].plugin.score?.(runs[i].facts, request, view, scratch.everyRow(rows).subarray(from, to), scores);
    },
  });
  if (verdict.found === 0 || (!good && verdict.found > 1)) return -1;
  if (!good) setBest(verdict, highest(verdict.keys)); // A single node that fits is not scored.
  return pickByKey(verdict, ranks);
}

/** The row chosen; -1 when none fits, or a score fails or lies outside its range. */
function pickInTurn(
  verdict: RoomVerdict,
  filters: readonly ActiveFilter[],
  others: readonly ScoreRun[],
  tie: Tie,
  request: PodRequest,
  parts: ChoiceParts,
): number {
  if (filters.length > 0) strike(verdict, filters, request, parts);
  return verdict.found === 0 ? -1 : pick(verdict, others, tie, request, parts);
}

/** Takes out the rows that other filters refuse. */
function strike(
  verdict: RoomVerdict,
  filters: readonly ActiveFilter[],
  request: PodRequest,
  { view, profile, scratch, threads }: ChoiceParts,
): void {
  const { rows } = view.cluster;
  let rejectedBy = threads?.filter(filters, { profile, request, view, scratch });
  if (!rejectedBy) {
    rejectedBy = scratch.rejectedBy(rows);
    for (const { plugin, facts, self } of filters) plugin.filter?.(facts, request, view, 0, rows, rejectedBy, self);
  }
  takeOut(verdict, rejectedBy, rows);
}

/** Mostly nobody is refused, or few are. */
function takeOut(verdict: RoomVerdict, rejectedBy: Uint8Array, rows: number): void {
  const { keys, best } = verdict;
  let { found } = verdict;
  let bestIsOut = false;
  for (let n = 0; n < rows; n++) {
    if (rejectedBy[n] === 0 || keys[n] === 0) continue;
    if (keys[n] === best) bestIsOut = true;
    keys[n] = 0;
    found--;
  }
  verdict.found = found;
  if (bestIsOut) setBest(verdict, highest(keys));
}

function highest(keys: Float64Array): number {
  let best = 0;
  for (let n = 0; n < keys.length; n++) if (keys[n] > best) best = keys[n];
  return best;
}

/** The row chosen; -1 when a score fails or lies outside its range. */
function pick(
  verdict: RoomVerdict,
  others: readonly ScoreRun[],
  tie: Tie,
  request: PodRequest,
  parts: ChoiceParts,
): number {
  const { ranks, scratch } = parts;
  const { cluster } = parts.view;
  const { keys, found } = verdict;
  // A single node that fits is not scored.
  if (found === 1 || (others.length === 0 && tie.rule === 'order')) return pickByKey(verdict, ranks);
  if (tie.rule === 'order' && others.every(({ plugin }) => plugin.scope === 'local') && fitInKeys(parts.profile)) {
    const feasible = inRowOrder(keys, found, scratch);
    const raised = raiseKeys(keys, feasible, others, request, parts);
    if (raised === undefined) return -1;
    setBest(verdict, raised);
    return pickByKey(verdict, ranks);
  }
  const feasible = inWalkingOrder(keys, found, cluster.order(), tie.start, scratch);
  const sums = scratch.scores(SUMS, found);
  for (let k = 0; k < found; k++) sums[k] = totalIn(keys[feasible[k]]);
  return addScores(sums, feasible, others, request, parts) ? pickAmong(feasible, sums, ranks, tie) : -1;
}

/** False when one fails or lies outside its range. */
function addScores(
  sums: Float64Array,
  feasible: Int32Array,
  others: readonly ScoreRun[],
  request: PodRequest,
  parts: ChoiceParts,
): boolean {
  return scoreOthers(feasible, others, request, parts, ({ plugin, weight }, scores) => {
    if (addWeighted(sums, scores, weight) !== undefined) return false;
    return !parts.profile.outside.has(plugin) || scores.every(Number.isInteger);
  });
}

/** The highest key with the other scores in the keys; undefined when one fails, lies outside its range, or is a fraction. */
function raiseKeys(
  keys: Float64Array,
  feasible: Int32Array,
  others: readonly ScoreRun[],
  request: PodRequest,
  parts: ChoiceParts,
): number | undefined {
  let best = 0;
  const good = scoreOthers(feasible, others, request, parts, ({ weight }, scores) => {
    best = raiseBy(keys, feasible, scores, weight * RANKS);
    return best > 0;
  });
  if (!good) return undefined;
  return best > 0 ? best : highest(keys); // All were skipped.
}

/** The highest key after that; 0 when a score cannot be. */
function raiseBy(keys: Float64Array, feasible: Int32Array, scores: Float64Array, unit: number): number {
  let best = 0;
  for (let k = 0; k < feasible.length; k++) {
    const score = scores[k];
    const whole = score | 0;
    if (whole !== score || whole < 0 || whole > MAX_NODE_SCORE) return 0;
    const key = (keys[feasible[k]] += score * unit);
    if (key > best) best = key;
  }
  return best;
}

/** Whether all totals are below MAX_TOTAL. */
function fitInKeys({ scores }: ScanProfile): boolean {
  let weights = 0;
  for (const { weight } of scores) weights += weight;
  return MAX_NODE_SCORE * weights < MAX_TOTAL;
}

/** False when one fails, or `take` does not want its scores. */
function scoreOthers(
  feasible: Int32Array,
  others: readonly ScoreRun[],
  request: PodRequest,
  { view, profile, scratch, threads }: ChoiceParts,
  take: (run: ScoreRun, scores: Float64Array) => boolean,
): boolean {
  const runs = runsOf(others, request, view, feasible);
  if (!runs) return false;
  const done = threads?.score(runs, feasible, { profile, request, view, scratch }) ?? [];
  return runs.every((run, i) => {
    const { plugin, facts } = run;
    const scores = scratch.scores(slotOf(i), feasible.length);
    if (!done[i]) plugin.score?.(facts, request, view, feasible, scores);
    plugin.normalize?.(facts, scores, feasible);
    return take(run, scores);
  });
}

/** Those that have something to say; undefined when one fails. */
function runsOf(
  others: readonly ScoreRun[],
  request: PodRequest,
  view: View,
  feasible: Int32Array,
): ScoreRun[] | undefined {
  const runs: ScoreRun[] = [];
  for (const { plugin, weight } of others) {
    const facts = plugin.preScore?.(request, view, feasible);
    if (isError(facts)) return undefined;
    if (facts !== SKIP) runs.push({ plugin, weight, facts });
  }
  return runs;
}

function inRowOrder(keys: Float64Array, found: number, scratch: Scratch): Int32Array {
  if (found === keys.length) return scratch.everyRow(found);
  const feasible = scratch.ints('feasible', found);
  let k = 0;
  for (let n = 0; n < keys.length; n++) if (keys[n] > 0) feasible[k++] = n;
  return feasible.subarray(0, found);
}

function inWalkingOrder(
  keys: Float64Array,
  found: number,
  order: Int32Array,
  start: number,
  scratch: Scratch,
): Int32Array {
  const feasible = scratch.ints('feasible', found);
  let k = 0;
  let at = start % order.length;
  for (let i = 0; i < order.length; i++) {
    const n = order[at];
    if (++at === order.length) at = 0;
    if (keys[n] > 0) feasible[k++] = n;
  }
  return feasible.subarray(0, found);
}
