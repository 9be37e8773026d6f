/** What needs the controllers of the next issue: named here, and not run. */
import type { CaseGroup, KubectlCase } from '../case.ts';
import { deployment } from '../objects.ts';

const needs = (name: string, steps: KubectlCase['steps']): KubectlCase => ({
  name,
  needs: 'controller',
  given: [deployment('web')],
  steps,
});

export const controllers: CaseGroup = {
  name: 'controllers',
  cases: [
    needs('rollout status', [
      { run: 'kubectl rollout status deploy web --timeout=20s', out: /successfully rolled out/ },
    ]),
    needs('rollout history, undo', [
      'kubectl rollout status deploy web --timeout=20s',
      'kubectl set image deploy web main=web:2 && kubectl rollout status deploy web --timeout=20s',
      { run: 'kubectl rollout history deploy web', out: /^2 /m },
      { run: 'kubectl rollout undo deploy web', out: /rolled back/ },
      { run: "kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}'", out: /^web:1$/ },
    ]),
    needs('scale makes and removes pods', [
      'kubectl scale deploy web --replicas=3',
      { run: 'kubectl get pods -l app=web --no-headers | wc -l', again: true, out: /^3$/m },
    ]),
    needs('wait for a Job to complete', [
      'kubectl create job j --image=a -- true',
      { run: 'kubectl wait job/j --for=condition=Complete --timeout=20s', out: /condition met/ },
    ]),
    needs('wait for a Deployment to be available', [
      { run: 'kubectl wait deploy/web --for=condition=Available --timeout=20s', out: /condition met/ },
    ]),
    needs('delete a namespace and all in it', [
      'kubectl create ns $NS-x && kubectl create cm a -n $NS-x',
      { run: 'kubectl delete ns $NS-x --timeout=20s', out: /deleted/ },
      { run: 'kubectl get ns $NS-x', exit: 1, err: /NotFound/ },
    ]),
    needs('delete --cascade=background takes the pods along', [
      'kubectl rollout status deploy web --timeout=20s && kubectl delete deploy web',
      { run: 'kubectl get pods -l app=web', again: true, err: /No resources found/ },
    ]),
  ],
};
