/**
 * ImageLocality. Score: bytes of the pod's images that the node has, each weighed by the share of nodes that have it.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/imagelocality.
 */
import type { Pod } from '../../objects/types.ts';
import { MAX_NODE_SCORE, type PackedPlugin, posted } from '../framework.ts';

const MIB = 1024 * 1024;
const MIN_BYTES = 23 * MIB;
const MAX_CONTAINER_BYTES = 1000 * MIB;

interface Facts {
  /** Per image of the pod that some node has; an image named twice counts twice. */
  images: { nodes: Int32Array; size: number }[];
  maxBytes: number;
}

export function imageLocality(): PackedPlugin<unknown, Facts> {
  return {
    name: 'ImageLocality',
    scope: 'local',
    onWorkers: { score: posted },

    preScore({ pod }, { cluster }) {
      const images: Facts['images'] = [];
      for (const name of imagesOf(pod)) {
        const size = cluster.images.sizeOf(name);
        if (size > 0) images.push({ nodes: cluster.imageColumn(name), size });
      }
      return { images, maxBytes: MAX_CONTAINER_BYTES * containerCount(pod) };
    },

    scoresAlike: ({ images }) => images.length === 0,

    scoreStamp({ pod }, { cluster }) {
      const sizes = imagesOf(pod).map((name) => cluster.images.sizeOf(name));
      return sizes.some((size) => size > 0) ? `${sizes} on ${cluster.nodeCount} nodes` : '';
    },

    score({ images, maxBytes }, _pod, { cluster }, feasible, scores) {
      const total = cluster.nodeCount;
      scores.fill(0);
      for (const { nodes, size } of images) {
        for (let k = 0; k < scores.length; k++) scores[k] += Math.trunc(size * (nodes[feasible[k]] / total));
      }
      for (let k = 0; k < scores.length; k++) {
        const bytes = Math.min(Math.max(scores[k], MIN_BYTES), maxBytes);
        scores[k] = Math.trunc((MAX_NODE_SCORE * (bytes - MIN_BYTES)) / (maxBytes - MIN_BYTES));
      }
    },
  };
}

function containerCount({ spec }: Pod): number {
  return (spec.initContainers?.length ?? 0) + spec.containers.length;
}

/** Normalised names of all images of the pod: init containers, containers, image volumes. */
function imagesOf({ spec }: Pod): string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const names = containers.map(({ image }) => image ?? '');
  for (const { image } of spec.volumes ?? []) if (image) names.push(image.reference ?? '');
  return names.map(normalizedImageName);
}

/** ':latest' where no tag stands after the last slash. A digest has its colon there and stays as it is. */
export function normalizedImageName(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}
