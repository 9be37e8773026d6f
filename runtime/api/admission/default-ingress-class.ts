/** An Ingress that names no class gets the default one. Source: Kubernetes v1.36, plugin/pkg/admission/network/defaultingressclass/admission.go. */
import type { KubeObject } from '../../../core/index.ts';
import type { ObjectsView } from '../objects-view.ts';
import type { AdmissionPlugin } from './admission.ts';

const GROUP = 'networking.k8s.io';
const IS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class';
const OLD_ANNOTATION = 'kubernetes.io/ingress.class';

interface Ingress extends KubeObject {
  spec?: { ingressClassName?: string; [field: string]: unknown };
}

export function defaultIngressClass(view: ObjectsView): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    mutate({ operation, kind, subresource, object }) {
      const ingress = object as Ingress;
      if (operation !== 'CREATE' || kind.group !== GROUP || kind.plural !== 'ingresses' || subresource !== '') {
        return ingress;
      }
      const { annotations } = ingress.metadata;
      if (ingress.spec?.ingressClassName || (annotations && Object.hasOwn(annotations, OLD_ANNOTATION))) return ingress;
      const name = newestDefault(view);
      const classed: Ingress = { ...ingress, spec: { ...ingress.spec, ingressClassName: name } };
      return name === undefined ? ingress : classed;
    },
  };
}

/** Of several defaults the newest, then the first by name. */
function newestDefault(view: ObjectsView): string | undefined {
  const defaults = [...view.list(GROUP, 'ingressclasses')].filter(
    ({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true',
  );
  const age = ({ metadata }: KubeObject): number => Date.parse(metadata.creationTimestamp ?? '') || 0;
  const byName = (a: KubeObject, b: KubeObject): number => (a.metadata.name < b.metadata.name ? -1 : 1);
  return defaults.sort((a, b) => age(b) - age(a) || byName(a, b))[0]?.metadata.name;
}
