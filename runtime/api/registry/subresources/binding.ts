/**
 * pods/binding: what a scheduler decides. Nobody comes to own spec.nodeName or the condition by it.
 * Source: Kubernetes v1.36, pkg/registry/core/pod/storage/storage.go (BindingREST).
 */
import { badRequest, conflict, invalid } from '../../http/status.ts';
import { type ApiObject, isMap, valueAt } from '../../object.ts';
import { type RegistryParts, type RequestContext, type Target, timestamp } from '../parts.ts';
import { boundSpec } from '../shared-specs.ts';
import { updateObject } from '../update.ts';

/** @param target the pod. */
export async function bindPod(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  binding: ApiObject,
): Promise<void> {
  const node = valueAt(binding, 'target.name');
  if (typeof node !== 'string' || node === '') {
    const cause = { reason: 'FieldValueRequired', field: 'target.name', message: 'Required value' };
    throw invalid('', 'Binding', target.name, [cause]);
  }
  const nodeKind = valueAt(binding, 'target.kind');
  if (nodeKind !== undefined && nodeKind !== '' && nodeKind !== 'Node') {
    throw badRequest(`a pod is bound to a Node, not to a ${JSON.stringify(nodeKind)}`);
  }
  const now = timestamp(parts.now());
  const next = (pod: ApiObject): ApiObject => {
    checkFree(pod, binding, node);
    const { uid, resourceVersion } = binding.metadata;
    const { annotations, labels } = pod.metadata;
    const spec = isMap(pod.spec) ? pod.spec : {};
    return {
      ...pod,
      metadata: {
        ...pod.metadata,
        uid: uid || pod.metadata.uid,
        resourceVersion: resourceVersion || pod.metadata.resourceVersion,
        ...merged('annotations', annotations, binding.metadata.annotations),
        ...merged('labels', labels, binding.metadata.labels),
      },
      spec: boundSpec(spec, node),
      status: { ...(pod.status as object), conditions: scheduled(valueAt(pod, 'status.conditions'), now) },
    };
  };
  // What is taken from the binding's metadata is checked as a client's.
  const own = isEmpty(binding.metadata.annotations) && isEmpty(binding.metadata.labels);
  await updateObject(parts, context, { ...target, subresource: 'binding' }, { next, own, records: true });
}

function checkFree(pod: ApiObject, binding: ApiObject, node: string): void {
  const { name, deletionTimestamp, uid } = pod.metadata;
  const refuse = (why: string): never => {
    throw conflict('', 'pods/binding', name, why);
  };
  if (binding.metadata.uid && binding.metadata.uid !== uid) {
    refuse(`Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${uid}`);
  }
  if (deletionTimestamp) refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  const assigned = valueAt(pod, 'spec.nodeName');
  if (assigned) refuse(`pod ${name} is already assigned to node ${JSON.stringify(assigned)}`);
  const gates = valueAt(pod, 'spec.schedulingGates');
  if (Array.isArray(gates) && gates.length > 0)
    refuse(`pod ${name} has non-empty .spec.schedulingGates; ${node} cannot take it`);
}

function isEmpty(map: object | undefined): boolean {
  return Object.keys(map ?? {}).length === 0;
}

function merged(field: 'annotations' | 'labels', before = {}, added: Record<string, string> | undefined): object {
  return added && !isEmpty(added) ? { [field]: { ...before, ...added } } : {};
}

function scheduled(conditions: unknown, now: string): unknown[] {
  const others = Array.isArray(conditions) ? conditions : [];
  const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now };
  return [...others.filter((other) => !(isMap(other) && other.type === 'PodScheduled')), condition];
}
