/**
 * What every namespace has, for as long as it is there: the account that pods run as, and the authority that they trust.
 * Source: Kubernetes v1.36, pkg/controller/serviceaccount/serviceaccounts_controller.go, pkg/controller/certificates/rootcacertpublisher.
 */
import { type Action, type Controller, type KubeObject, RefusedError, type ResourceRef } from '../../core/index.ts';
import { namespaceObjects } from '../api/auth/bootstrap/objects.ts';

const NAMESPACES: ResourceRef = { group: '', resource: 'namespaces' };
const RESOURCES: Readonly<Record<string, ResourceRef>> = {
  ServiceAccount: { group: '', resource: 'serviceaccounts' },
  ConfigMap: { group: '', resource: 'configmaps' },
};

/** @param authority PEM of the cluster's authority. */
export function namespaceFurnitureController(authority: string): Controller {
  const names = new Set(namespaceObjects('', authority).map(({ metadata }) => metadata.name));
  return {
    name: 'root-ca-certificate-publisher-controller',
    watches: [
      { resource: NAMESPACES, keys: ({ object, gone }) => (gone ? [] : [object.metadata.name]) },
      ...Object.values(RESOURCES).map((resource) => ({
        resource,
        keys: ({ object: { metadata } }: { object: KubeObject }) =>
          names.has(metadata.name) && metadata.namespace ? [metadata.namespace] : [],
      })),
    ],
    *sync(name, { observed }) {
      const namespace = observed.get(NAMESPACES, '', name);
      if (!namespace || namespace.metadata.deletionTimestamp) return undefined;
      const actions = namespaceObjects(name, authority).flatMap((wanted): Action[] => {
        const resource = RESOURCES[wanted.kind];
        const found = observed.get(resource, name, wanted.metadata.name);
        if (!found) return [{ type: 'create', resource, object: wanted }];
        return sameData(found, wanted) ? [] : [{ type: 'update', resource, object: { ...found, ...dataOf(wanted) } }];
      });
      if (actions.length === 0) return undefined;
      const outcomes = yield actions;
      // 404 and 403: the namespace goes. 409: somebody else was faster, whose event comes.
      const refusal = outcomes.find(
        (outcome) => outcome.refusal && ![404, 403, 409].includes(outcome.refusal.code),
      )?.refusal;
      if (refusal) throw new RefusedError(refusal);
      return undefined;
    },
  };
}

function dataOf(object: KubeObject): { data?: Record<string, string> } {
  const { data } = object as { data?: Record<string, string> };
  return data ? { data } : {};
}

function sameData(a: KubeObject, b: KubeObject): boolean {
  const wanted = dataOf(b).data;
  return wanted === undefined || JSON.stringify(dataOf(a).data) === JSON.stringify(wanted);
}
