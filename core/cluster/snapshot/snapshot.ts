/**
 * A cluster as bytes, and back: MessagePack (msgpackr, with its records for objects of one shape and its bundled strings)
 * in an envelope with version and checksum. Pure: who calls keeps the bytes.
 */
import { Packr, Unpackr } from 'msgpackr/pack';
import { ApiError } from '../../errors.ts';
import type { Node } from '../../objects/types.ts';
import type { ClusterTraces, FreedPort, SnapshotContent } from './content.ts';
import { seal, unseal } from './envelope.ts';
import { type PodTable, packPods, unpackPods } from './pod-table.ts';

const OPTIONS = { moreTypes: true, bundleStrings: true };

interface Payload extends Pick<SnapshotContent, 'objects' | 'rest'> {
  nodes: readonly Node[];
  pods: PodTable;
  traces: ClusterTraces;
}

/** @throws ApiError when it would take 4 GiB or more. */
export function writeSnapshot({ nodes, placed, traces, objects, rest }: SnapshotContent): Uint8Array {
  const pods = packPods(placed, nodeNames(nodes));
  const payload: Payload = { nodes, pods, traces: sorted(traces), objects, rest };
  return seal(new Packr(OPTIONS).pack(payload));
}

/** Where the order says nothing, so that the bytes of what was loaded are those that it was loaded from. */
function sorted({ imageSizes, frozenImages, pending, freedPorts, ...traces }: ClusterTraces): ClusterTraces {
  const textOf = ({ node, ip, protocol, port }: FreedPort): string => [node, ip, protocol, port].join(' ');
  const frozen = frozenImages.map(([node, counts]) => [node, counts.toSorted(byName)] as const);
  return {
    ...traces,
    imageSizes: imageSizes.toSorted(byName),
    frozenImages: frozen.sort(byName),
    pending: pending.toSorted(),
    freedPorts: freedPorts.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1)),
  };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/**
 * Pods are made each time that `placed` is called.
 * @throws ApiError when these are not the bytes of a whole snapshot that this version reads.
 */
export function readSnapshot(bytes: Uint8Array): SnapshotContent {
  const { nodes, pods, ...others } = unpack(unseal(bytes));
  return { ...others, nodes, placed: unpackPods(pods, nodeNames(nodes)) };
}

function unpack(payload: Uint8Array): Payload {
  try {
    return new Unpackr(OPTIONS).unpack(payload) as Payload;
  } catch (cause) {
    const message = `cannot be read: ${(cause as Error).message}`;
    throw new ApiError('Invalid', [{ path: 'snapshot', message, severity: 'error' }], { cause });
  }
}

function nodeNames(nodes: readonly Node[]): string[] {
  return nodes.map(({ metadata }) => metadata.name);
}
