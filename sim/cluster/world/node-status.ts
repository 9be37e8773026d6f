/** What a made-up kubelet says of its node. Source: Kubernetes v1.36, pkg/kubelet/nodestatus/setters.go. */
import { hashText, type Node } from '../../../core/index.ts';
import { timeText } from './time-text.ts';

const WELL: readonly (readonly [type: string, status: string, reason: string])[] = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
  ['Ready', 'True', 'KubeletReady'],
];

/** undefined where it says so already. */
export function readyNode(node: Node, nowMs: number): Node | undefined {
  const old = node.status?.conditions ?? [];
  if (WELL.every(([type, status]) => old.find((one) => one.type === type)?.status === status)) return undefined;
  const time = timeText(nowMs);
  const own = WELL.map(([type, status, reason]) => {
    const before = old.find((one) => one.type === type);
    if (before?.status === status) return before;
    return { type, status, reason, lastHeartbeatTime: time, lastTransitionTime: time };
  });
  const others = old.filter(({ type }) => !WELL.some(([one]) => one === type));
  return { ...node, status: { ...node.status, conditions: [...others, ...own] } };
}

/** Its own, or one made from its name, of 172.16.0.0/12. */
export function nodeAddress(node: Node | undefined): string {
  const addresses = node?.status?.addresses as { type: string; address: string }[] | undefined;
  const own = addresses?.find(({ type }) => type === 'InternalIP')?.address;
  if (own) return own;
  const n = hashText(0, node?.metadata.name ?? '') % 2 ** 20;
  return `172.${16 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}
