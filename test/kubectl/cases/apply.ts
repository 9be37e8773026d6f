/** apply on either side, with what belongs to it: diff, prune, sets, edit, replace. */
import type { CaseGroup } from '../case.ts';
import { configMap, deployment, pod } from '../objects.ts';

const cm = (data: string, name = 'cm', labels = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${labels}}\ndata: {${data}}\n`;
const deploy = (containers: string): string =>
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n' +
  `  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [${containers}]\n`;

export const apply: CaseGroup = {
  name: 'apply',
  cases: [
    {
      name: 'apply: created, unchanged, configured',
      telling: true,
      files: { '1.yaml': cm('a: "1", b: "2"'), '2.yaml': cm('a: "3"') },
      steps: [
        { run: 'kubectl apply -f 1.yaml', out: /configmap\/cm created/ },
        { run: 'kubectl apply -f 1.yaml', out: /configmap\/cm unchanged/ },
        { run: 'kubectl apply -f 2.yaml', out: /configmap\/cm configured/ },
        { run: "kubectl get cm cm -o jsonpath='{.data}'", out: /^\{"a":"3"\}$/ },
        { run: 'kubectl apply view-last-applied cm/cm', out: /a: "3"/ },
      ],
    },
    {
      name: 'apply: merge of lists by key',
      telling: true,
      files: {
        '1.yaml': deploy('{name: a, image: "a:1", env: [{name: X, value: "1"}]}, {name: b, image: "b:1"}'),
        '2.yaml': deploy('{name: a, image: "a:2", env: [{name: Z, value: "2"}]}'),
      },
      steps: [
        'kubectl apply -f 1.yaml && kubectl scale deploy web --replicas=3',
        { run: 'kubectl apply -f 2.yaml', out: /configured/ },
        {
          run: "kubectl get deploy web -o jsonpath='{.spec.replicas} {.spec.template.spec.containers[*].image} {.spec.template.spec.containers[0].env}'",
          out: /^3 a:2 \[\{"name":"Z","value":"2"\}\]$/,
        },
      ],
    },
    {
      name: 'apply -f DIR -R, several documents, stdin',
      files: { 'a.yaml': `${cm('a: "1"', 'one')}---\n${cm('a: "1"', 'two')}` },
      steps: [
        'mkdir -p tree/deep && cp a.yaml tree/deep/',
        { run: 'kubectl apply -R -f tree', out: [/configmap\/one created/, /configmap\/two created/] },
        { run: 'kubectl apply -f - < a.yaml', out: [/one unchanged/, /two unchanged/] },
      ],
    },
    {
      name: 'apply --server-side: conflict, --force-conflicts',
      telling: true,
      files: { 'cm.yaml': cm('a: "1"'), 'other.yaml': cm('a: "2"') },
      steps: [
        { run: 'kubectl apply --server-side -f cm.yaml', out: /configmap\/cm serverside-applied/ },
        {
          run: 'kubectl apply --server-side --field-manager=other -f other.yaml',
          exit: 1,
          err: [/Apply failed with 1 conflict: conflict with "kubectl"/, /\.data\.a/],
        },
        {
          run: 'kubectl apply --server-side --field-manager=other --force-conflicts -f other.yaml',
          out: /serverside-applied/,
        },
        {
          run: "kubectl get cm cm --show-managed-fields -o jsonpath='{.metadata.managedFields[*].manager}'",
          out: /other/,
        },
      ],
    },
    {
      name: 'apply --server-side after client-side',
      files: { 'cm.yaml': cm('a: "1"'), 'less.yaml': cm('b: "2"') },
      steps: [
        'kubectl apply -f cm.yaml',
        { run: 'kubectl apply --server-side -f less.yaml', out: /serverside-applied/, lacks: /[Ww]arning|conflict/ },
        { run: "kubectl get cm cm -o jsonpath='{.data}'", out: /^\{"b":"2"\}$/ },
      ],
    },
    {
      name: 'apply --server-side drops what is no longer applied',
      files: { '1.yaml': cm('a: "1", b: "2"'), '2.yaml': cm('a: "1"') },
      steps: [
        'kubectl apply --server-side -f 1.yaml && kubectl apply --server-side -f 2.yaml',
        { run: "kubectl get cm cm -o jsonpath='{.data}'", out: /^\{"a":"1"\}$/ },
      ],
    },
    {
      name: 'apply --dry-run=client, server',
      files: { '1.yaml': cm('a: "1"'), '2.yaml': cm('a: "2"') },
      steps: [
        { run: 'kubectl apply -f 1.yaml --dry-run=client', out: /created \(dry run\)/ },
        { run: 'kubectl apply -f 1.yaml --dry-run=server', out: /created \(server dry run\)/ },
        'kubectl apply -f 1.yaml',
        { run: 'kubectl apply -f 2.yaml --dry-run=server -o yaml', out: /a: "2"/ },
        {
          run: 'kubectl apply --server-side -f 2.yaml --dry-run=server --force-conflicts',
          out: /serverside-applied \(server dry run\)/,
        },
        { run: "kubectl get cm cm -o jsonpath='{.data.a}'", out: /^1$/ },
      ],
    },
    {
      name: 'apply --prune',
      files: {
        'both.yaml': `${cm('a: "1"', 'keep', ', labels: {set: x}')}---\n${cm('a: "1"', 'drop', ', labels: {set: x}')}`,
        'one.yaml': cm('a: "1"', 'keep', ', labels: {set: x}'),
      },
      given: [configMap('stranger', { set: 'x' })],
      steps: [
        'kubectl apply -f both.yaml -l set=x',
        {
          run: 'kubectl apply -f one.yaml -l set=x --prune --prune-allowlist=core/v1/ConfigMap',
          out: [/keep unchanged/, /drop pruned/],
        },
        { run: 'kubectl get cm -o name', out: [/keep/, /stranger/], lacks: /drop/ },
      ],
    },
    {
      name: 'apply --prune --applyset',
      files: { 'both.yaml': `${cm('a: "1"', 'keep')}---\n${cm('a: "1"', 'drop')}`, 'one.yaml': cm('a: "1"', 'keep') },
      steps: [
        'KUBECTL_APPLYSET=true kubectl apply -f both.yaml -n $NS --prune --applyset=configmaps/set',
        {
          run: 'KUBECTL_APPLYSET=true kubectl apply -f one.yaml -n $NS --prune --applyset=configmaps/set',
          out: /drop pruned/,
        },
        { run: 'kubectl get cm -o name', out: [/keep/, /set/], lacks: /drop/ },
      ],
    },
    {
      name: 'apply set-last-applied, edit-last-applied',
      given: [configMap('one')],
      files: { 'one.yaml': cm('a: "1"', 'one') },
      steps: [
        { run: 'kubectl apply set-last-applied -f one.yaml --create-annotation', out: /configmap\/one configured/ },
        { run: 'kubectl apply view-last-applied cm one -o json', out: /"a": "1"/ },
      ],
    },
    {
      name: 'apply of an immutable field, of a stale resourceVersion',
      given: [deployment('web')],
      files: {
        'd.yaml': deploy('{name: main, image: "web:1"}').replaceAll('app: web', 'app: other'),
        'cm.yaml': cm('a: "1"'),
      },
      steps: [
        { run: 'kubectl apply -f d.yaml', exit: 1, err: /spec.selector: Invalid value: .*field is immutable/ },
        'kubectl create -f cm.yaml && kubectl get cm cm -o json > old.json && kubectl label cm cm n=1',
        { run: 'kubectl replace -f old.json', exit: 1, err: /\(Conflict\): .*the object has been modified/ },
      ],
    },
    {
      name: 'diff',
      files: { '1.yaml': cm('a: "1"'), '2.yaml': cm('a: "2"') },
      steps: [
        { run: 'kubectl diff -f 1.yaml', exit: 1, out: /^\+kind: ConfigMap$/m },
        'kubectl apply -f 1.yaml && kubectl diff -f 1.yaml',
        { run: 'kubectl diff -f 2.yaml', exit: 1, out: [/^- {2}a: "1"$/m, /^\+ {2}a: "2"$/m] },
        { run: 'kubectl diff --server-side --force-conflicts -f 2.yaml', exit: 1, out: /^\+ {2}a: "2"$/m },
      ],
    },
    {
      name: 'edit',
      telling: true,
      files: {
        'two.sh': 'sed -i "s/^  a: .*/  a: two/" "$1"\n',
        'four.sh': 'sed -i "s/replicas: 2/replicas: 4/" "$1"\n',
      },
      given: [configMap('one'), deployment('web')],
      steps: [
        { run: 'EDITOR="sh two.sh" kubectl edit cm one', out: /configmap\/one edited/ },
        { run: "kubectl get cm one -o jsonpath='{.data.a}'", out: /^two$/ },
        { run: 'EDITOR=true kubectl edit cm one', err: /Edit cancelled, no changes made/ },
        {
          run: 'EDITOR="sh four.sh" kubectl edit deploy web --output-patch',
          out: /"replicas":4/,
        },
      ],
    },
    {
      name: 'replace, replace --force, --subresource',
      files: { '1.yaml': cm('a: "1"'), '2.yaml': cm('b: "2"') },
      given: [pod('web')],
      steps: [
        { run: 'kubectl replace -f 1.yaml', exit: 1, err: /configmaps "cm" not found/ },
        'kubectl create -f 1.yaml',
        { run: 'kubectl replace -f 2.yaml', out: /configmap\/cm replaced/ },
        { run: "kubectl get cm cm -o jsonpath='{.data}'", out: /^\{"b":"2"\}$/ },
        { run: 'kubectl replace --force -f 1.yaml', out: [/configmap "cm" deleted/, /configmap\/cm replaced/] },
        {
          run: `kubectl get pod web -o json | sed 's/"status": {/"status": {"message": "seen",/' | kubectl replace --subresource=status -f -`,
          out: /pod\/web replaced/,
        },
        { run: "kubectl get pod web -o jsonpath='{.status.message}'", out: /^seen$/ },
      ],
    },
    {
      name: 'field validation: strict, warn, ignore',
      telling: true,
      files: { 'bad.yaml': `${cm('a: "1"')}spec: {x: 1}\n` },
      steps: [
        { run: 'kubectl apply -f bad.yaml', exit: 1, err: /strict decoding error: unknown field "spec"/ },
        { run: 'kubectl create -f bad.yaml --validate=warn', out: /created/, err: /Warning: unknown field "spec"/ },
        { run: 'kubectl replace -f bad.yaml --validate=ignore', out: /replaced/, lacks: /unknown/ },
        { run: 'kubectl apply --server-side --validate=strict -f bad.yaml', exit: 1, err: /\.spec|unknown field/ },
      ],
    },
    {
      name: 'custom resources: apply, get, explain, merge patch',
      files: {
        'crd.yaml':
          'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: "gadgets.$NS.made.up"}\nspec:\n' +
          '  group: $NS.made.up\n  scope: Namespaced\n  names: {plural: gadgets, singular: gadget, kind: Gadget, shortNames: [gd]}\n' +
          '  versions:\n  - name: v1\n    served: true\n    storage: true\n    subresources: {status: {}}\n' +
          '    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]\n' +
          '    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n' +
          '            required: [size]\n            properties: {size: {type: integer, minimum: 1, description: How large.}}\n' +
          '          status: {type: object, x-kubernetes-preserve-unknown-fields: true}\n',
        'one.yaml': 'apiVersion: $NS.made.up/v1\nkind: Gadget\nmetadata: {name: one}\nspec: {size: 3}\n',
        'bad.yaml': 'apiVersion: $NS.made.up/v1\nkind: Gadget\nmetadata: {name: two}\nspec: {size: 0}\n',
      },
      steps: [
        { run: 'kubectl apply -f crd.yaml', out: /gadgets.*created/ },
        { run: 'kubectl wait --for=condition=Established crd/gadgets.$NS.made.up', out: /condition met/ },
        { run: 'kubectl apply -f one.yaml', again: true, out: /gadget.*\/one (created|unchanged)/ },
        { run: 'kubectl get gd', out: [/^NAME +SIZE$/m, /^one +3/m] },
        { run: 'kubectl patch gadget one --type=merge -p \'{"spec":{"size":5}}\'', out: /patched/ },
        { run: 'kubectl apply -f one.yaml', out: /configured/ },
        { run: 'kubectl apply -f bad.yaml', exit: 1, err: /spec.size: Invalid value: 0/ },
        { run: 'kubectl explain gadget.spec.size', again: true, out: /How large/ },
        { run: 'kubectl delete -f crd.yaml', out: /deleted/ },
      ],
    },
  ],
};
