/** The real kubectl against the server over HTTPS: the oldest, a middle and the newest version that are promised. */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startApi, type TestServer } from '../../support/api-server.ts';
import { installedKubectls, type Kubectl, kubectlOf } from '../../support/kubectl.ts';

const manifest = (name: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{port: 80}]}
`;

interface Step {
  args: string;
  stdin?: string;
  /** What stdout or stderr holds. */
  says: RegExp;
  code?: number;
}

const steps = (n: string): Step[] => [
  { args: 'version', says: /Server Version: .*v1\.36/ },
  { args: 'get namespaces', says: /kube-system +Active/ },
  { args: 'api-resources', says: /deployments +deploy +apps\/v1 +true +Deployment/ },
  { args: `create configmap ${n} --from-literal=a=b`, says: /configmap\/.* created/ },
  { args: `create configmap ${n} --from-literal=a=b`, says: /already exists/, code: 1 },
  { args: `get configmap ${n} -o jsonpath={.data.a}`, says: /^b$/ },
  { args: `label configmap ${n} x=y`, says: /labeled/ },
  { args: 'get configmaps -l x=y -o name', says: new RegExp(`^configmap/${n}\n$`) },
  { args: `patch configmap ${n} -p {"data":{"a":"c"}}`, says: /patched/ },
  { args: `delete configmap ${n} --dry-run=server`, says: /deleted \(server dry run\)/ },
  { args: `delete configmap ${n}`, says: /deleted/ },
  { args: `get configmap ${n}`, says: /NotFound.*configmaps ".*" not found/, code: 1 },
  { args: 'apply -f -', stdin: manifest(n), says: /deployment.apps\/.* created\nservice\/.* created/ },
  { args: 'apply -f -', stdin: manifest(n), says: /deployment.apps\/.* unchanged\nservice\/.* unchanged/ },
  { args: 'diff -f -', stdin: manifest(n), says: /^$/ },
  { args: 'diff -f -', stdin: manifest(n).replace('nginx', 'caddy'), says: /\+.*image: caddy/, code: 1 },
  { args: 'apply --server-side -f -', stdin: manifest(n), says: /serverside-applied/ },
  { args: `get deployment ${n} -o wide`, says: /0\/2 .* nginx +app=/ },
  { args: `scale deployment ${n} --replicas=3`, says: /scaled/ },
  { args: `set image deployment/${n} c=nginx:2`, says: /image updated/ },
  { args: `describe deployment ${n}`, says: /Replicas: +3 desired/ },
  { args: `autoscale deployment ${n} --max=5`, says: /autoscaled/ },
  {
    args: 'apply -f -',
    stdin: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\nodd: 1\n',
    says: /unknown field "odd"/,
    code: 1,
  },
  { args: 'explain deployment.spec.replicas', says: /replicas/ },
  { args: `run ${n} --image=nginx`, says: /pod\/.* created/ },
  { args: `get pod ${n}`, says: /0\/1 +Pending/ },
  { args: 'get pods --field-selector spec.nodeName=nowhere', says: /No resources found/ },
  { args: 'get pods --chunk-size=1 -A', says: /Pending/ },
  { args: `create role ${n} --verb=get --resource=pods`, says: /created/ },
  { args: 'auth can-i create pods --as nobody', says: /no/, code: 1 },
  { args: 'get pods --as nobody', says: /Forbidden.*User "nobody" cannot list resource "pods"/, code: 1 },
  { args: 'auth whoami', says: /kubernetes-admin/ },
  { args: 'create token default', says: /^eyJ/ },
  { args: `delete deployment,service,hpa,pod ${n}`, says: /deleted/ },
];

let api: TestServer;
test.before(async () => {
  api = await startApi({ secure: true });
});
test.after(() => api.close());

for (const [version, program] of installedKubectls(['1.27', '1.31', '1.33'])) {
  test(`kubectl ${version}: gets, creates, applies, patches, scales, deletes`, async () => {
    const kubectl: Kubectl = kubectlOf(program, api);
    for (const { args, stdin, says, code = 0 } of steps(`k${version.replace('.', '-')}`)) {
      const outcome = await kubectl(args.split(' '), stdin);
      const told = `kubectl ${version} ${args}: ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`;
      assert.is(outcome.code, code, told);
      assert.ok(says.test(outcome.stdout) || says.test(outcome.stderr), told);
    }
  });

  test(`kubectl ${version}: get -w shows what comes, changes and goes`, async () => {
    const kubectl = kubectlOf(program, api);
    const name = `w${version.replace('.', '-')}`;
    const { auth } = api.server;
    // Without a home of its own kubectl leaves its cache where it stands.
    const flags = [
      '--server',
      api.url,
      '--token',
      auth.adminToken,
      '--insecure-skip-tls-verify',
      '--cache-dir',
      tmpdir(),
    ];
    const args = [...flags, 'get', 'configmaps', '-w', '-o', 'name'];
    const watching = spawn(program, args, { env: { PATH: process.env.PATH, HOME: tmpdir() } });
    let seen = '';
    watching.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    try {
      await until(() => seen.includes('kube-root-ca.crt'));
      await kubectl(['create', 'configmap', name]);
      await until(() => seen.includes(name));
    } finally {
      watching.kill('SIGKILL');
    }
  });
}

test('no request was a fault of the server', () => {
  assert.equal(api.problems, []);
});

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; !holds(); i++) {
    assert.ok(i < 400, 'it did not happen within twenty seconds');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test.run();
