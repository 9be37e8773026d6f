/** No node holds more than it has: any resource, the number of pods, and the milli of every single GPU. */
import { formatQuantity, type Node, nanoOf, type Pod, podRequests } from '../../core/index.ts';
import { DEVICE_MILLI, GPU_COUNT, GPU_INDEX, GPU_MILLI, GPU_MODEL } from '../traces/openb.ts';
import type { Placements } from './placements.ts';

/** Problems of one node, in words. */
export function capacityProblems(placements: Placements, nodeName: string): string[] {
  const node = placements.nodes.get(nodeName);
  if (!node) return [`node ${nodeName} does not exist`];
  const pods = [...placements.podsOn(nodeName)];
  return [...overAllocatable(node, pods), ...overDevices(node, pods)].map((problem) => `node ${nodeName}: ${problem}`);
}

function overAllocatable(node: Node, pods: readonly Pod[]): string[] {
  const allocatable = node.status?.allocatable ?? {};
  const asked = new Map([['pods', nanoOf(pods.length)]]);
  for (const pod of pods) {
    for (const [name, nano] of podRequests(pod)) asked.set(name, (asked.get(name) ?? 0n) + nano);
  }
  return [...asked]
    .filter(([name, nano]) => nano > nanoOf(allocatable[name]))
    .map(([name, nano]) => `${formatQuantity(nano)} of ${name} requested, ${allocatable[name] ?? 0} allocatable`);
}

function overDevices(node: Node, pods: readonly Pod[]): string[] {
  const count = Number(node.status?.allocatable?.[GPU_COUNT] ?? 0);
  const model = node.metadata.labels?.[GPU_MODEL] ?? '';
  const used = new Array<number>(count).fill(0);
  const problems: string[] = [];
  for (const { metadata } of pods) {
    const asked = metadata.annotations?.[GPU_COUNT];
    if (asked === undefined) continue;
    const { [GPU_INDEX]: index = '', [GPU_MILLI]: milli = '', [GPU_MODEL]: models } = metadata.annotations ?? {};
    const devices = new Set(index.split('-').filter(Boolean).map(Number));
    if (devices.size !== Number(asked))
      problems.push(`pod ${metadata.name} got devices '${index}' and asked for ${asked}`);
    if (models && !models.split('|').includes(model))
      problems.push(`pod ${metadata.name} wants ${models}, not ${model}`);
    for (const d of devices) {
      if (d < count) used[d] += Number(milli);
      else problems.push(`pod ${metadata.name} got device ${d} of ${count}`);
    }
  }
  used.forEach((milli, d) => {
    if (milli > DEVICE_MILLI) problems.push(`device ${d} gives ${milli} milli`);
  });
  return problems;
}
