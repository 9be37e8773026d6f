/** What is asked of the cluster itself, and what kubectl does with its answers alone. */
import type { CaseGroup } from '../case.ts';

export const cluster: CaseGroup = {
  name: 'cluster',
  cases: [
    {
      name: 'version',
      steps: [
        { run: 'kubectl version', out: /^Server Version: .*v1\.36\./m },
        { run: 'kubectl version -o json', out: [/"serverVersion"/, /"minor": "36"/] },
      ],
      before: {
        version: '1.28',
        why: 'the short form came with 1.28',
        steps: [{ run: 'kubectl version -o json', out: [/"serverVersion"/, /"minor": "36"/] }],
      },
    },
    {
      name: 'cluster-info',
      steps: [{ run: 'kubectl cluster-info', out: /Kubernetes control plane.* is running at .*https:/ }],
    },
    {
      name: 'cluster-info dump',
      steps: [
        { run: 'kubectl cluster-info dump --namespaces $NS', out: [/"kind": "NodeList"/, /"kind": "PodList"/] },
        'kubectl cluster-info dump --namespaces $NS --output-directory=dump && test -s dump/nodes.json',
      ],
    },
    {
      name: 'api-resources',
      telling: true,
      steps: [
        {
          run: 'kubectl api-resources',
          out: [/^pods +po +v1 +true +Pod$/m, /^deployments +deploy +apps\/v1 +true +Deployment$/m],
        },
        {
          run: 'kubectl api-resources -o wide',
          out: /^pods +po +v1 +true +Pod +create,delete,deletecollection,get.* all$/m,
        },
        { run: 'kubectl api-resources --namespaced=false -o name', out: /^nodes$/m, lacks: /^pods$/m },
        { run: 'kubectl api-resources --api-group=apps --verbs=list,watch --sort-by=name', out: /^daemonsets +ds/m },
      ],
    },
    {
      name: 'api-versions',
      steps: [{ run: 'kubectl api-versions', out: [/^v1$/m, /^apps\/v1$/m, /^rbac.authorization.k8s.io\/v1$/m] }],
    },
    {
      name: 'get --raw',
      steps: [
        { run: 'kubectl get --raw /healthz', out: /^ok$/ },
        { run: "kubectl get --raw '/readyz?verbose'", out: /readyz check passed/ },
        { run: 'kubectl get --raw /version', out: /"gitVersion"/ },
        { run: 'kubectl get --raw /api/v1/namespaces/$NS', out: /"kind": ?"Namespace"/ },
        { run: 'kubectl get --raw /nowhere', exit: 1, err: /the server could not find the requested resource/ },
      ],
    },
    {
      name: 'explain',
      telling: true,
      steps: [
        { run: 'kubectl explain pods', out: [/KIND: +Pod/, /VERSION: +v1/, /spec\s+<PodSpec>/] },
        { run: 'kubectl explain deployment.spec.template.spec.containers', out: [/GROUP: +apps/, /image\s+<string>/] },
        { run: 'kubectl explain pod.spec --recursive', out: /terminationGracePeriodSeconds\s+<integer>/ },
        { run: 'kubectl explain hpa --api-version=autoscaling/v1', out: /VERSION: +v1/ },
        { run: 'kubectl explain pods.nope', exit: 1, err: /field "nope" does not exist/ },
        { run: 'kubectl explain nothing', exit: 1, err: /doesn't have a resource type "nothing"/ },
      ],
    },
    {
      name: 'config view',
      steps: [
        { run: 'kubectl config view --minify', out: [/server: https:/, /token: REDACTED/] },
        { run: 'kubectl config current-context', out: /keelson/ },
        'kubectl config set-context --current --namespace=other',
        { run: "kubectl config view -o jsonpath='{.contexts[0].context.namespace}'", out: /^other$/ },
      ],
    },
    {
      name: 'kustomize, apply -k',
      files: {
        'kustomization.yaml': 'namePrefix: our-\nresources: [cm.yaml]\nlabels: [{pairs: {team: us}}]\n',
        'cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {a: "1"}\n',
      },
      steps: [
        { run: 'kubectl kustomize .', out: [/name: our-cm/, /team: us/] },
        { run: 'kubectl apply -k .', out: /configmap\/our-cm created/ },
        { run: 'kubectl get -k .', out: /^our-cm +1 /m },
        { run: 'kubectl delete -k .', out: /configmap "our-cm" deleted/ },
      ],
    },
    {
      name: 'unknown resource, unknown name',
      steps: [
        { run: 'kubectl get nothings', exit: 1, err: /the server doesn't have a resource type "nothings"/ },
        { run: 'kubectl get pod none', exit: 1, err: /Error from server \(NotFound\): pods "none" not found/ },
        { run: 'kubectl get pod none --ignore-not-found', lacks: /./ },
        { run: 'kubectl get pods -n nowhere', err: /No resources found in nowhere namespace/ },
      ],
    },
  ],
};
