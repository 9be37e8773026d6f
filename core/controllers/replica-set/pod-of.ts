/** A pod made of a template. Source: Kubernetes v1.36, pkg/controller/controller_utils.go (GetPodFromTemplate). */
import type { KubeObject, Pod } from '../../objects/types.ts';
import type { PodTemplate } from '../kinds.ts';
import { controllerReference } from '../owners.ts';

/** Longer names are cut, so that what the server adds still fits. */
const PREFIX_LIMIT = 253;

export function podOf(owner: KubeObject, { metadata, spec }: PodTemplate): Pod {
  const { labels, annotations, finalizers } = metadata ?? {};
  const prefix = `${owner.metadata.name}-`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      namespace: owner.metadata.namespace,
      generateName: prefix.length <= PREFIX_LIMIT ? prefix : owner.metadata.name,
      labels: { ...labels },
      ...(annotations && { annotations: { ...annotations } }),
      ...(finalizers && { finalizers: [...finalizers] }),
      ownerReferences: [controllerReference(owner)],
    },
    spec,
  };
}
