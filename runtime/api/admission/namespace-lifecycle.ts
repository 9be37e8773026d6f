/**
 * Objects are made only in namespaces that are there and not going; three namespaces stay for ever.
 * Source: Kubernetes v1.36, apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go.
 */
import type { Namespace } from '../../../core/index.ts';
import { ApiError, failure, forbidden, notFound } from '../http/status.ts';
import type { ObjectsView } from '../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const IMMORTAL: readonly string[] = ['default', 'kube-system', 'kube-public'];

export function namespaceLifecycle(view: ObjectsView): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    // Before all others: in a namespace that is not there nothing else is worth looking for.
    mutate(request) {
      checkNamespace(request, view);
      return request.object!;
    },
    validate({ operation, kind, subresource, name }) {
      if (operation !== 'DELETE' || kind.group !== '' || kind.plural !== 'namespaces' || subresource !== '') return;
      if (IMMORTAL.includes(name)) throw forbidden('', 'namespaces', name, 'this namespace may not be deleted');
    },
  };
}

function checkNamespace({ operation, kind, namespace, name }: AdmissionRequest, view: ObjectsView): void {
  if (!kind.namespaced || operation === 'DELETE' || operation === 'CONNECT') return;
  const found = view.get('', 'namespaces', '', namespace) as Namespace | undefined;
  if (!found) throw notFound('', 'namespaces', namespace);
  if (operation !== 'CREATE') return;
  if (!found.metadata.deletionTimestamp && found.status?.phase !== 'Terminating') return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { status } = forbidden(kind.group, kind.plural, name, why);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  throw new ApiError(failure(403, 'Forbidden', status.message ?? '', { ...status.details, causes: [cause] }));
}
