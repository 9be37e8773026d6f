/** Reading: every form of output, selectors, pages, watches. */
import type { CaseGroup } from '../case.ts';
import { annotated, configMap, deployment, oneOfEach, pod, service } from '../objects.ts';

const three = [
  configMap('one', { tier: 'a' }),
  configMap('two', { tier: 'b' }),
  configMap('three', { tier: 'a', odd: 'y' }),
];

export const get: CaseGroup = {
  name: 'get',
  cases: [
    {
      name: 'get pods',
      telling: true,
      given: [pod('web')],
      steps: [
        { run: 'kubectl get pods', out: [/^NAME +READY +STATUS +RESTARTS +AGE$/m, /^web +1\/1 +Running +0 +\d+s$/m] },
        { run: 'kubectl get po/web --no-headers', out: /^web /, lacks: /NAME/ },
      ],
    },
    {
      name: 'get pods -o wide',
      given: [pod('web')],
      steps: [
        {
          run: 'kubectl get pods -o wide',
          out: [
            /AGE +IP +NODE +NOMINATED NODE +READINESS GATES$/m,
            /\d+\.\d+\.\d+\.\d+ +(node-\d|real) +<none> +<none>$/m,
          ],
        },
      ],
    },
    {
      name: 'get -o yaml, json, name',
      given: [configMap('one')],
      steps: [
        { run: 'kubectl get cm one -o yaml', out: [/^apiVersion: v1$/m, /^kind: ConfigMap$/m, /^ {2}a: "1"$/m] },
        { run: 'kubectl get cm one -o json', out: /"kind": "ConfigMap"/, lacks: /managedFields/ },
        { run: 'kubectl get cm one -o yaml --show-managed-fields', out: /managedFields:/ },
        { run: 'kubectl get cm -o name', out: /^configmap\/one$/m },
        { run: 'kubectl get cm -o json', out: /"kind": "List"/ },
      ],
    },
    {
      name: 'get -o jsonpath, jsonpath-as-json, jsonpath-file',
      given: [pod('web')],
      files: { path: '{.metadata.name}' },
      steps: [
        { run: "kubectl get pod web -o jsonpath='{.spec.containers[*].image}'", out: /^web:1$/ },
        {
          run: 'kubectl get pods -o jsonpath=\'{range .items[*]}{.metadata.name}={.status.phase}{"\\n"}{end}\'',
          out: /^web=Running$/m,
        },
        { run: "kubectl get pod web -o jsonpath-as-json='{.spec.containers[0].name}'", out: /"main"/ },
        { run: 'kubectl get pod web -o jsonpath-file=path', out: /^web$/ },
      ],
    },
    {
      name: 'get -o custom-columns, go-template',
      given: [pod('web')],
      files: { columns: 'NAME IMAGE\n.metadata.name .spec.containers[*].image\n' },
      steps: [
        {
          run: 'kubectl get pods -o custom-columns=N:.metadata.name,P:.status.phase',
          out: [/^N +P$/m, /^web +Running$/m],
        },
        { run: 'kubectl get pods -o custom-columns-file=columns', out: /^web +web:1$/m },
        { run: "kubectl get pods -o go-template='{{range .items}}{{.metadata.name}};{{end}}'", out: /^web;$/ },
      ],
    },
    {
      name: 'get -l, set selectors',
      given: three,
      steps: [
        { run: 'kubectl get cm -l tier=a -o name', out: [/one/, /three/], lacks: /two/ },
        { run: "kubectl get cm -l 'tier in (b),!odd' -o name", out: /two/, lacks: /one|three/ },
        { run: "kubectl get cm -l 'tier!=b,odd' -o name", out: /three/, lacks: /one|two/ },
        { run: "kubectl get cm -l 'a b'", exit: 1, err: /unable to parse requirement/ },
      ],
    },
    {
      name: 'get --field-selector',
      given: [pod('web')],
      steps: [
        { run: 'kubectl get pods --field-selector=status.phase=Running -o name', out: /pod\/web/ },
        { run: 'kubectl get pods --field-selector=status.phase!=Running', err: /No resources found/ },
        {
          run: 'kubectl get pods -A --field-selector=metadata.name=web,metadata.namespace=$NS -o name',
          out: /pod\/web/,
        },
        {
          run: 'kubectl get pods --field-selector=spec.color=red',
          exit: 1,
          err: /field label not supported: spec.color/,
        },
      ],
    },
    {
      name: 'get --sort-by',
      given: three,
      steps: [
        { run: 'kubectl get cm --sort-by=.metadata.name --no-headers', out: /one[\s\S]*three[\s\S]*two/ },
        { run: "kubectl get cm --sort-by='{.metadata.labels.tier}' -o name", out: /two\s*$/ },
      ],
    },
    {
      name: 'get --chunk-size',
      given: three,
      steps: [
        { run: 'kubectl get cm --chunk-size=1 --no-headers', out: [/^one /m, /^two /m, /^three /m] },
        { run: 'kubectl get cm --chunk-size=2 -o name -v=8', out: /three/, err: /continue=/ },
      ],
    },
    {
      name: 'get --show-labels, -L, --show-kind',
      given: three,
      steps: [
        { run: 'kubectl get cm one --show-labels', out: /tier=a$/m },
        { run: 'kubectl get cm -L tier,odd', out: [/TIER +ODD$/m, /^three .* a +y$/m] },
        { run: 'kubectl get cm --show-kind', out: /^configmap\/one /m },
        { run: 'kubectl get cm one --label-columns=tier --no-headers', out: / a *$/m },
      ],
    },
    {
      name: 'get several, get -f, get all',
      given: [pod('web'), deployment('web'), service('web')],
      files: { 'svc.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n' },
      steps: [
        { run: 'kubectl get pod/web svc/web', out: [/^pod\/web /m, /^service\/web /m] },
        { run: 'kubectl get deploy,svc', out: [/^deployment.apps\/web /m, /^service\/web +ClusterIP +10\./m] },
        { run: 'kubectl get -f svc.yaml -o name', out: /service\/web/ },
        { run: 'kubectl get all', out: [/^pod\/web /m, /^service\/web /m, /^deployment.apps\/web /m] },
      ],
    },
    {
      name: 'get -A',
      given: [configMap('one')],
      steps: [
        { run: 'kubectl get cm -A', out: [/^NAMESPACE +NAME +DATA +AGE$/m, /^\S+ +one +1 /m] },
        { run: 'kubectl get ns', out: [/^kube-system +Active/m, /^default +Active/m] },
      ],
    },
    {
      name: 'get nodes',
      steps: [
        {
          run: 'kubectl get nodes',
          out: [/^NAME +STATUS +ROLES +AGE +VERSION$/m, /^node-1 +Ready +<none> +\d+\w* +v1\.36/m],
        },
        {
          run: 'kubectl get nodes -o wide',
          out: /INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME/,
        },
      ],
    },
    {
      name: 'columns of every kind',
      given: oneOfEach,
      steps: [
        {
          run: 'kubectl get deploy web -o wide',
          out: [/READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR/, /\d\/2/],
        },
        {
          run: 'kubectl get rs,sts,ds,rc',
          out: [/DESIRED +CURRENT +READY/, /statefulset.apps\/web +\d\/1/, /NODE SELECTOR/],
        },
        {
          run: 'kubectl get jobs,cj',
          out: [/COMPLETIONS +DURATION/, /SCHEDULE +TIMEZONE +SUSPEND +ACTIVE +LAST SCHEDULE/],
        },
        { run: 'kubectl get svc,ep,endpointslices', out: [/EXTERNAL-IP +PORT\(S\)/, /10\.1\.2\.3:80/, /ADDRESSTYPE/] },
        { run: 'kubectl get secrets,sa,cm', out: [/Opaque +1/, /serviceaccount\/robot/, /configmap\/settings +1/] },
        {
          run: 'kubectl get pvc,pv,sc',
          out: [/STATUS +VOLUME +CAPACITY/, /RECLAIM POLICY/, /PROVISIONER +RECLAIMPOLICY/],
        },
        {
          run: 'kubectl get ing,netpol,pdb,hpa',
          out: [/CLASS +HOSTS/, /POD-SELECTOR/, /ALLOWED DISRUPTIONS/, /MINPODS +MAXPODS/],
        },
        {
          run: 'kubectl get roles,rolebindings,quota,limits,pc',
          out: [/role.rbac.*reader/, /Role\/reader/, /GLOBAL-DEFAULT/],
        },
        { run: 'kubectl get leases -n kube-node-lease', out: [/HOLDER/, /node-0 +node-0/] },
      ],
    },
    {
      name: 'get -w',
      telling: true,
      given: [configMap('one')],
      steps: [
        {
          begin: 'kubectl get cm -w',
          ready: /^one /m,
          steps: ['kubectl create cm seen', 'kubectl delete cm seen'],
          out: [/^seen +0 /m, /^seen [\s\S]*^seen /m],
        },
      ],
    },
    {
      name: 'get NAME -w -o yaml, --output-watch-events',
      given: [configMap('one')],
      steps: [
        {
          begin: 'kubectl get cm one -w -o yaml',
          ready: /name: one/,
          steps: ['kubectl label cm one seen=yes'],
          out: /seen: "?yes/,
        },
        {
          begin: 'kubectl get cm -w --output-watch-events',
          ready: /^ADDED +one/m,
          steps: ['kubectl delete cm one'],
          out: /^DELETED +one/m,
        },
      ],
    },
    {
      name: 'get -w ends with --request-timeout',
      given: [configMap('one')],
      steps: [{ run: 'timeout 20 kubectl get cm one -w --request-timeout=1s', out: /^one /m }],
    },
    {
      name: 'watch lists (KUBE_FEATURE_WatchListClient)',
      given: [configMap('one'), annotated(configMap('two'), { a: 'b' })],
      steps: [
        { run: 'KUBE_FEATURE_WatchListClient=true kubectl get cm -o name', out: [/one/, /two/] },
        {
          run: "KUBE_FEATURE_WatchListClient=true kubectl wait cm/one --for=jsonpath='{.data.a}'=1",
          out: /condition met/,
        },
      ],
    },
    {
      name: 'get --subresource',
      given: [deployment('web')],
      steps: [
        { run: 'kubectl get deploy web --subresource=status', out: /^web +\d\/2/m },
        { run: 'kubectl get deploy web --subresource=scale', out: [/DESIRED +AVAILABLE/, /^web +2 +\d/m] },
        {
          run: "kubectl get deploy web --subresource=scale -o jsonpath='{.kind} {.status.selector}'",
          out: /^Scale app=web$/,
        },
      ],
    },
  ],
};
