/** The replicas of a workload as a Scale of autoscaling/v1. Source: Kubernetes v1.36, pkg/registry/apps/deployment/storage/storage.go. */
import { compileLabelSelector, type LabelSelector } from '../../../../core/index.ts';
import { invalid } from '../../http/status.ts';
import type { ScalePaths } from '../../kinds/kind.ts';
import { type ApiObject, isMap, valueAt } from '../../object.ts';
import type { RegistryParts, RequestContext, Target } from '../parts.ts';
import { current, type PatchRequest, patched } from '../patch.ts';
import { updateObject } from '../update.ts';

export function getScale(parts: RegistryParts, target: Target): ApiObject {
  return scaleOf(current(parts, target), pathsOf(target));
}

/** @param change the Scale as it shall be, made from the Scale that is. */
export async function updateScale(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  change: (scale: ApiObject) => unknown,
): Promise<ApiObject> {
  const paths = pathsOf(target);
  const next = (old: ApiObject): ApiObject => {
    const scale = change(scaleOf(old, paths));
    const replicas = valueAt(scale, 'spec.replicas') ?? 0;
    if (typeof replicas !== 'number' || !Number.isSafeInteger(replicas) || replicas < 0 || replicas > 2 ** 31 - 1) {
      const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
      const cause = { reason: 'FieldValueInvalid', field: 'spec.replicas', message };
      throw invalid('autoscaling', 'Scale', target.name, [cause]);
    }
    const changed = withValue(old, paths.specReplicas.split('.'), replicas) as ApiObject;
    // Conditions of the change, where the Scale names them.
    const resourceVersion = textAt(scale, 'metadata.resourceVersion');
    const uid = textAt(scale, 'metadata.uid') ?? old.metadata.uid;
    return { ...changed, metadata: { ...changed.metadata, resourceVersion, uid } };
  };
  return scaleOf(await updateObject(parts, context, target, { next }), paths);
}

export function patchScale(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  request: PatchRequest,
): Promise<ApiObject> {
  return updateScale(parts, context, target, (scale) => patched(parts, scale, request));
}

/** undefined for what is no text, or an empty one: a patched Scale holds whatever it was given. */
function textAt(scale: unknown, path: string): string | undefined {
  const text = valueAt(scale, path);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function pathsOf({ kind }: Target): ScalePaths {
  return kind.scale ?? { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas' };
}

function scaleOf(object: ApiObject, { specReplicas, statusReplicas, selector }: ScalePaths): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const status: Record<string, unknown> = { replicas: valueAt(object, statusReplicas) ?? 0 };
  const text = selector === undefined ? '' : selectorText(valueAt(object, selector));
  if (text !== '') status.selector = text;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: valueAt(object, specReplicas) ?? 0 },
    status,
  };
}

/** As `kubectl` and autoscalers hand it to a list: 'app=web,tier in (a,b)'. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (!isMap(selector)) return '';
  const plain = Object.values(selector).every((value) => typeof value === 'string');
  const given = (plain ? { matchLabels: selector } : selector) as LabelSelector;
  const requirements = compileLabelSelector(given)?.requirements ?? [];
  return requirements
    .map(({ key, operator, values }) => {
      if (operator === 'In') return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(',')})`;
      if (operator === 'NotIn') return `${key} notin (${values.join(',')})`;
      return operator === 'Exists' ? key : `!${key}`;
    })
    .join(',');
}

function withValue(object: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  const map = isMap(object) ? object : {};
  return { ...map, [step]: rest.length === 0 ? value : withValue(map[step], rest, value) };
}
