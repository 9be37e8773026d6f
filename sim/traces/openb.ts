/**
 * The OpenB traces: Alibaba's GPU cluster of 2023 (clusterdata, cluster-trace-gpu-v2023) as CSV → typed rows →
 * Kubernetes Nodes and Pods. A pod's share of a GPU stands in annotations, as in the authors' manifests: it is no
 * extended resource, as it is granted per device.
 */
import { ApiError, type Node, type Pod, type PodSpec, type Problem } from '../../core/index.ts';
import { CsvTable } from './csv-table.ts';
import { readText, wrongFile } from './read-text.ts';

export interface OpenbNode {
  name: string;
  cpuMilli: number;
  memoryMib: number;
  gpus: number;
  /** '' on a node without GPUs. */
  model: string;
}

export interface OpenbPod {
  name: string;
  cpuMilli: number;
  memoryMib: number;
  /** Number of devices; 0 for a CPU-only pod. */
  gpus: number;
  /** Asked of each device, 0 to 1000. Below 1000 the device is shared. */
  gpuMilli: number;
  /** Models the pod may run on; empty means any. */
  models: readonly string[];
  /** Absent in the lists that have only the first five columns. Seconds from the start of the trace. */
  times?: { createdS: number; deletedS: number; scheduledS?: number };
}

export interface OpenbTrace {
  nodes: readonly OpenbNode[];
  pods: readonly OpenbPod[];
}

export const GPU_COUNT = 'alibabacloud.com/gpu-count';
export const GPU_MILLI = 'alibabacloud.com/gpu-milli';
export const GPU_MODEL = 'alibabacloud.com/gpu-card-model';
/** On a placed pod: its devices, joined by '-'. */
export const GPU_INDEX = 'alibabacloud.com/gpu-index';
/** One whole device. */
export const DEVICE_MILLI = 1000;

const MAX_CPU_MILLI = 1e9;
/** 2^33 MiB are 2^53 bytes. */
const MAX_MEMORY_MIB = 2 ** 33 - 1;
const MAX_GPUS = 64;
const MAX_TIME_S = 1e12;

/** Both files, plain or gzip'd. @throws ApiError naming every problem of both. */
export function readOpenb(nodesPath: string, podsPath: string): OpenbTrace {
  const problems: Problem[] = [];
  const read = <T>(path: string, parse: (text: string, path: string) => T[]): T[] => {
    try {
      return parse(readText(path), path);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  };
  const trace = { nodes: read(nodesPath, parseNodes), pods: read(podsPath, parsePods) };
  if (problems.length > 0) throw new ApiError('Invalid', problems);
  if (trace.nodes.every(({ gpus }) => gpus === 0)) throw wrongFile(nodesPath, 'no node has a GPU');
  if (trace.pods.every(({ gpus }) => gpus === 0)) throw wrongFile(podsPath, 'no pod asks for a GPU');
  return trace;
}

/** @throws ApiError */
export function parseNodes(text: string, path: string): OpenbNode[] {
  const table = new CsvTable(text, path, ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model']);
  const lineOf = new Map<string, number>();
  const nodes = table.rows.map((row): OpenbNode => {
    const name = row.name('sn');
    if (lineOf.has(name)) row.problem('sn', `'${name}' stands in line ${lineOf.get(name)} already`);
    lineOf.set(name, row.line);
    return {
      name,
      cpuMilli: row.whole('cpu_milli', MAX_CPU_MILLI),
      memoryMib: row.whole('memory_mib', MAX_MEMORY_MIB),
      gpus: row.whole('gpu', MAX_GPUS),
      model: row.text('model'),
    };
  });
  table.done();
  return nodes;
}

/** Takes the lists of eleven columns and those of the first five. @throws ApiError */
export function parsePods(text: string, path: string): OpenbPod[] {
  const table = new CsvTable(text, path, ['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli']);
  const timed = table.has('creation_time') && table.has('deletion_time');
  const lineOf = new Map<string, number>();
  const pods = table.rows.map((row): OpenbPod => {
    const name = row.name('name');
    if (lineOf.has(name)) row.problem('name', `'${name}' stands in line ${lineOf.get(name)} already`);
    lineOf.set(name, row.line);
    const gpus = row.whole('num_gpu', MAX_GPUS);
    const gpuMilli = row.whole('gpu_milli', DEVICE_MILLI);
    if (gpus === 0 && gpuMilli > 0) row.problem('gpu_milli', `${gpuMilli} asked of no GPU (num_gpu is 0)`);
    const pod: OpenbPod = {
      name,
      cpuMilli: row.whole('cpu_milli', MAX_CPU_MILLI),
      memoryMib: row.whole('memory_mib', MAX_MEMORY_MIB),
      gpus: gpuMilli === 0 ? 0 : gpus,
      gpuMilli,
      models: row.text('gpu_spec').split('|').filter(Boolean),
    };
    if (timed) {
      pod.times = {
        createdS: row.whole('creation_time', MAX_TIME_S),
        deletedS: row.whole('deletion_time', MAX_TIME_S),
      };
      if (row.text('scheduled_time') !== '') pod.times.scheduledS = row.whole('scheduled_time', MAX_TIME_S);
    }
    return pod;
  });
  table.done();
  return pods;
}

export function toNode({ name, cpuMilli, memoryMib, gpus, model }: OpenbNode): Node {
  const allocatable: Record<string, string> = { cpu: `${cpuMilli}m`, memory: `${memoryMib}Mi`, pods: '1001' };
  if (gpus > 0) {
    allocatable[GPU_COUNT] = String(gpus);
    allocatable[GPU_MILLI] = String(gpus * DEVICE_MILLI);
  }
  const labels: Record<string, string> = {
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
  };
  if (model !== '') labels[GPU_MODEL] = model;
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status: { allocatable, capacity: allocatable } };
}

/** What pods of one row share, and pods of other rows that ask for the same. */
interface Make {
  annotations: Record<string, string>;
  spec: PodSpec;
}

/** Makes pods of rows. Pods that ask for the same share their annotations and spec: nobody may write to them. */
export class PodMaker {
  readonly #byRow = new Map<OpenbPod, Make>();
  readonly #byText = new Map<string, Make>();

  /** @param name stands in for the row's own, so that one row can arrive several times. */
  pod(row: OpenbPod, name: string = row.name): Pod {
    const { annotations, spec } = this.#byRow.get(row) ?? this.#make(row);
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: name, annotations }, spec };
  }

  #make(row: OpenbPod): Make {
    const { cpuMilli, memoryMib, gpus, gpuMilli, models } = row;
    const text = `${cpuMilli}/${memoryMib}/${gpus}/${gpuMilli}/${models.join('|')}`;
    const make = this.#byText.get(text) ?? { annotations: annotationsOf(row), spec: podSpec(row) };
    this.#byText.set(text, make);
    this.#byRow.set(row, make);
    return make;
  }
}

function annotationsOf({ gpus, gpuMilli, models }: OpenbPod): Record<string, string> {
  const annotations: Record<string, string> = {};
  if (gpus > 0) {
    annotations[GPU_COUNT] = String(gpus);
    annotations[GPU_MILLI] = String(gpuMilli);
    if (models.length > 0) annotations[GPU_MODEL] = models.join('|');
  }
  return annotations;
}

function podSpec({ cpuMilli, memoryMib }: OpenbPod): PodSpec {
  const requests = { cpu: `${cpuMilli}m`, memory: `${memoryMib}Mi` };
  return { containers: [{ name: 'main', image: 'openb', resources: { requests } }] };
}
