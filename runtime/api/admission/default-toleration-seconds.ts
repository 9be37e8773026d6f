/** Five minutes on a node that is gone. Source: Kubernetes v1.36, plugin/pkg/admission/defaulttolerationseconds/admission.go. */
import { type Pod, withNodeTolerations } from '../../../core/index.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isPods, withSpec } from './pods.ts';

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(request) {
    const pod = request.object as Pod;
    const writes = request.operation === 'CREATE' || request.operation === 'UPDATE';
    if (!isPods(request) || request.subresource !== '' || !writes) return pod;
    const spec = withNodeTolerations(pod.spec);
    return spec.tolerations?.length === pod.spec.tolerations?.length ? pod : withSpec(pod, spec);
  },
};
