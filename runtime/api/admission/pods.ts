/** What several plugins ask of a request about pods. */
import type { Pod, PodSpec } from '../../../core/index.ts';
import type { AdmissionRequest } from './admission.ts';

/** With a spec, that is: one without is refused by validation, after all that fill in. */
export function isPods({ kind, object }: AdmissionRequest): boolean {
  return kind.group === '' && kind.plural === 'pods' && Array.isArray((object as Pod | undefined)?.spec?.containers);
}

/** A pod that is about to be made: most plugins do something then only. */
export function isPodCreate(request: AdmissionRequest): boolean {
  return request.operation === 'CREATE' && request.subresource === '' && isPods(request);
}

export function withSpec(pod: Pod, spec: PodSpec): Pod {
  return spec === pod.spec ? pod : { ...pod, spec };
}
