/**
 * One worker thread of the scan: sleeps until a job is open, runs the kernels over the chunks it can get, and sleeps again.
 * It reads columns and writes its own slices of the outputs; it knows nothing of nodes, pods or listers.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assert } from '../../../assert.ts';
import { type Columns, makeColumns } from '../../../cluster/columns.ts';
import type { PodRequest } from '../../../cluster/pod-request.ts';
import { judgeRows, type RowRules } from '../../engine/judge-rows.ts';
import { pieceOf, type SharedFacts } from '../../engine/judged-class.ts';
import type { View } from '../../framework.ts';
import { type AnyPackedPlugin, createPlugin } from '../../plugins/registry.ts';
import type { PluginArgs } from '../../profile.ts';
import { attachRoom, type RoomMemory } from '../room/memory.ts';
import type { Outputs } from '../scratch.ts';
import { Board } from './board.ts';
import { chunksOf, type Job, type Kernel, type Message, type Work, type WorkerData } from './job.ts';

/** What kernels with a part in `onWorkers` may ask of pod and view. Pods and rows of exact amounts never come here. */
const POD = Object.freeze({ exact: undefined }) as PodRequest;
interface Attached {
  columns: Columns;
  nodeCount: number;
  wideRows: 0;
}

const { board: words, worker, workers } = workerData as WorkerData;
const board = new Board(workers, words);
const plugins = new Map<string, AnyPackedPlugin>();
let columns: Columns | undefined;
let args: PluginArgs | undefined;
let outputs: Outputs | undefined;
let room: RoomMemory | undefined;
let facts: SharedFacts | undefined;

/** The last one told, which may be the one that is opened next. */
let job: Job | undefined;

for (let seen = 0; ; ) {
  seen = board.sleep(seen);
  readMessages();
  board.hasRead(worker, seen);
  if (job) work(job);
}

function readMessages(): void {
  assert(parentPort, 'worker.ts runs on a worker thread');
  for (;;) {
    const received = receiveMessageOnPort(parentPort) as { message: Message } | undefined;
    if (!received) return;
    const { message } = received;
    job = message.job;
    if (message.columns) columns = makeColumns(message.columns.capacities, message.columns.buffer);
    if (message.args) {
      args = message.args;
      plugins.clear();
    }
    outputs = message.outputs ?? outputs;
    if (message.room) room = attachRoom(message.room);
    facts = message.facts ?? facts;
  }
}

function work(job: Job): void {
  const chunks = chunksOf(job);
  for (let chunk = board.claim(job.number, chunks); chunk >= 0; chunk = board.claim(job.number, chunks)) {
    board.own(worker, chunk);
    try {
      run(job, chunk, chunk * job.chunk, Math.min((chunk + 1) * job.chunk, job.length));
    } catch (error) {
      board.fail(chunk);
      throw error;
    }
    board.finishBy(worker, job.number, chunk);
  }
}

function run({ work, nodeCount }: Job, chunk: number, from: number, to: number): void {
  if (work.pass === 'room') room?.pass(from, to, work.most, chunk);
  else if (work.pass === 'classes') for (let i = from; i < to; i++) judgePiece(work, i, nodeCount);
  else runKernels(work.pass, work.kernels, nodeCount, from, to);
}

function runKernels(
  pass: 'filter' | 'score',
  kernels: readonly Kernel[],
  nodeCount: number,
  from: number,
  to: number,
): void {
  assert(outputs, 'outputs come with the first such job');
  const view = viewOf(nodeCount);
  for (const { plugin, facts, into } of kernels) {
    const { filter, score } = pluginOf(plugin);
    if (pass === 'filter') filter?.(facts, POD, view, from, to, outputs.rejectedBy, into);
    else score?.(facts, POD, view, outputs.feasible.subarray(from, to), outputs.scores[into].subarray(from, to));
  }
}

function judgePiece({ classes, pieces, rows }: Work & { pass: 'classes' }, i: number, nodeCount: number): void {
  assert(facts, 'facts come with the first such job');
  const judged = classes[Math.floor(i / pieces)];
  const { filters, checked, weighed, scores } = judged.rules;
  const rules: RowRules = {
    filters: filters.map(({ plugin, ...rest }) => ({ plugin: pluginOf(plugin), ...rest })),
    checked,
    weighed,
    scores: scores.map(({ plugin, ...rest }) => ({ plugin: pluginOf(plugin), ...rest })),
  };
  const [from, to] = pieceOf(i % pieces, pieces, rows);
  judgeRows(rules, POD, viewOf(nodeCount), facts, from, to, judged);
}

function viewOf(nodeCount: number): View {
  assert(columns, 'columns come with the first such job');
  const cluster: Attached = { columns, nodeCount, wideRows: 0 };
  return { cluster } as unknown as View;
}

function pluginOf(name: string): AnyPackedPlugin {
  let plugin = plugins.get(name);
  if (!plugin) {
    plugin = args && createPlugin(name, args);
    assert(plugin, `worker ${worker} cannot make plugin ${name}`);
    plugins.set(name, plugin);
  }
  return plugin;
}
