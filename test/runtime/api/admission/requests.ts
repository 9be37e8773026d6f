/** Admission requests in one line each. */
import type { KubeObject } from '../../../../core/index.ts';
import type { AdmissionPlugin, AdmissionRequest, Operation } from '../../../../runtime/api/admission/admission.ts';
import { ApiError } from '../../../../runtime/api/http/status.ts';
import type { ApiKind } from '../../../../runtime/api/kinds/kind.ts';
import type { User } from '../../../../runtime/api/request.ts';
import { pluralOf } from '../auth/fake-view.ts';

export interface RequestOptions {
  operation?: Operation;
  old?: KubeObject;
  user?: User;
  subresource?: string;
  dryRun?: boolean;
  warnings?: string[];
}

const CLUSTER_KINDS =
  /^(Namespace|Node|PersistentVolume|StorageClass|PriorityClass|RuntimeClass|IngressClass|Cluster.*)$/;

export function kindOf({ apiVersion, kind }: KubeObject): ApiKind {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    plural: pluralOf(kind),
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: !CLUSTER_KINDS.test(kind),
    verbs: [],
    subresources: [],
    selectableFields: [],
    statusSubresource: false,
  };
}

export function requestFor(object: KubeObject, options: RequestOptions = {}): AdmissionRequest {
  const {
    operation = options.old ? 'UPDATE' : 'CREATE',
    old,
    subresource = '',
    dryRun = false,
    warnings = [],
  } = options;
  const kind = kindOf(object);
  return {
    operation,
    kind,
    subresource,
    namespace: kind.namespaced ? (object.metadata.namespace ?? 'default') : '',
    name: object.metadata.name,
    ...(operation === 'DELETE' ? { old: old ?? object } : { object, old }),
    user: options.user ?? { name: 'bob', groups: ['system:authenticated'] },
    dryRun,
    warn: (text) => warnings.push(text),
  };
}

/** What `plugin` makes of the object; throws what it refuses with. */
export async function admit(
  plugin: AdmissionPlugin,
  object: KubeObject,
  options: RequestOptions = {},
): Promise<KubeObject> {
  const request = requestFor(object, options);
  const next = request.object ? ((await plugin.mutate?.(request)) ?? request.object) : object;
  await plugin.validate?.(request.object ? { ...request, object: next } : request);
  return next;
}

/** '403 MESSAGE', or 'done'. */
export async function outcomeOf(
  plugin: AdmissionPlugin,
  object: KubeObject,
  options: RequestOptions = {},
): Promise<string> {
  try {
    await admit(plugin, object, options);
    return 'done';
  } catch (error) {
    if (error instanceof ApiError) return `${error.code} ${error.message}`;
    throw error;
  }
}
