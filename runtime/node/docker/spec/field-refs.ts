/** fieldRef and resourceFieldRef. Source: Kubernetes v1.36, pkg/fieldpath, pkg/api/v1/resource/helpers.go. */
import type { V1Container, V1Pod, V1ResourceFieldSelector } from '@kubernetes/client-node';
import { parseQuantity } from '../../../../core/objects/index.ts';
import { configProblem, type Lookups } from './lookups.ts';

/** @throws SpecProblem for a field that cannot be told. */
export function fieldValue(pod: V1Pod, path: string, lookups: Lookups): string {
  const { metadata = {}, spec } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name ?? '';
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return lines(metadata.labels);
    case 'metadata.annotations':
      return lines(metadata.annotations);
    case 'spec.nodeName':
      return lookups.nodeName;
    case 'spec.serviceAccountName':
      return spec?.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return lookups.hostIP;
    case 'status.podIP':
    case 'status.podIPs':
      return lookups.podIP;
    default:
      throw configProblem(`unsupported fieldPath: ${path}`);
  }
}

/** `key="value"`, sorted, the value as Go's %q writes it. */
function lines(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}

/** Rounded up to whole divisors; a limit that is not set is what the node has. */
export function resourceValue(
  container: V1Container | undefined,
  { resource, divisor }: V1ResourceFieldSelector,
  { allocatable }: Lookups,
): string {
  const [kind, name] = splitOnce(resource);
  const set = kind === 'limits' || kind === 'requests' ? container?.resources?.[kind]?.[name] : undefined;
  const text = set ?? (kind === 'limits' ? allocatable[name] : '0') ?? '0';
  const nano = parseQuantity(text) ?? 0n;
  const unit = divisor && divisor !== '0' ? (parseQuantity(divisor) ?? 0n) : 0n;
  const by = unit > 0n ? unit : 1_000_000_000n;
  return String((nano + by - 1n) / by);
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('.');
  return [text.slice(0, at), text.slice(at + 1)];
}
