/**
 * ImageLocality: bytes of the pod's images that the node has already, each scaled by the share of nodes that have it.
 * Source: Kubernetes v1.36, plugins/imagelocality.
 */
import type { Pod } from '../../../objects/types.ts';
import type { ReferencePlugin } from '../plugin.ts';

const MIB = 1024 * 1024;
const MIN_BYTES = 23 * MIB;
const MAX_BYTES_PER_CONTAINER = 1000 * MIB;

export const imageLocality: ReferencePlugin = {
  name: 'ImageLocality',

  score(_state, node, { pod, nodes }) {
    let bytes = 0;
    for (const name of imageNamesOf(pod)) {
      const image = node.images.get(name);
      if (image) bytes += Math.trunc(image.size * (image.nodeCount / nodes.length));
    }
    const containers = (pod.spec.initContainers ?? []).length + pod.spec.containers.length;
    const max = MAX_BYTES_PER_CONTAINER * containers;
    const clamped = Math.max(MIN_BYTES, Math.min(max, bytes));
    return Math.trunc((100 * (clamped - MIN_BYTES)) / (max - MIN_BYTES));
  },
};

/** Of init containers, containers and image volumes; ':latest' where there is neither tag nor digest. */
function imageNamesOf({ spec }: Pod): string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image ?? '');
  const volumes = (spec.volumes ?? []).flatMap(({ image }) => (image ? [image.reference ?? ''] : []));
  return [...containers, ...volumes].map((name) =>
    name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name,
  );
}
