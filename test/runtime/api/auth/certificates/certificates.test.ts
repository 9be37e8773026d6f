import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type PeerCertificate, type TLSSocket } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Authority, type KeyPair } from '../../../../../runtime/api/auth/certificates/certificates.ts';
import { kubeconfigText } from '../../../../../runtime/api/auth/kubeconfig.ts';

const DAY_MS = 86_400_000;
const test = suite<{ directory: string }>('certificates');
let clock = Date.now();
const now = (): number => clock;

test.before.each(async (context) => {
  context.directory = await mkdtemp(join(tmpdir(), 'keelson-pki-'));
  clock = Date.now();
});
test.after.each(({ directory }) => rm(directory, { recursive: true, force: true }));

test('authority and server certificate are made once and used again', async ({ directory }) => {
  const first = await Authority.ensure(join(directory, 'pki'), now);
  const shown = await first.serverCertificate();
  const second = await Authority.ensure(join(directory, 'pki'), now);
  assert.equal(second.pair, first.pair);
  assert.equal(await second.serverCertificate(), shown);
});

test('keys are for their owner alone', async ({ directory }) => {
  const authority = await Authority.ensure(join(directory, 'pki'), now);
  await authority.serverCertificate();
  for (const name of ['ca.crt', 'ca.key', 'apiserver.crt', 'apiserver.key']) {
    assert.is((await stat(join(directory, 'pki', name))).mode & 0o777, 0o600, name);
  }
  assert.is((await stat(join(directory, 'pki'))).mode & 0o777, 0o700);
});

test('the server certificate names this machine, the service and what it is told', async ({ directory }) => {
  const authority = await Authority.ensure(directory, now);
  const { certificate } = await authority.serverCertificate(['10.0.0.7', 'keel.example']);
  const { subjectAltName } = new X509Certificate(certificate);
  for (const name of [
    'DNS:localhost',
    'IP Address:127.0.0.1',
    'IP Address:0:0:0:0:0:0:0:1',
    'DNS:kubernetes.default.svc',
    'IP Address:10.0.0.7',
    'DNS:keel.example',
  ]) {
    assert.ok(subjectAltName?.includes(name), `${name} in ${subjectAltName}`);
  }
});

test('the server certificate is made anew for other names, near its end and for another authority', async ({
  directory,
}) => {
  const authority = await Authority.ensure(directory, now);
  const first = await authority.serverCertificate();
  const named = await authority.serverCertificate(['10.0.0.7']);
  assert.is.not(named.certificate, first.certificate);
  clock += 334 * DAY_MS;
  assert.equal(await authority.serverCertificate(['10.0.0.7']), named, '31 days left');
  clock += 2 * DAY_MS;
  const renewed = await authority.serverCertificate(['10.0.0.7']);
  assert.is.not(renewed.certificate, named.certificate, '29 days left');
  await rm(join(directory, 'ca.key'));
  const other = await Authority.ensure(directory, now);
  assert.is.not((await other.serverCertificate(['10.0.0.7'])).certificate, renewed.certificate);
});

test('an authority that has run out, or has another’s key, is an error that says so', async ({ directory }) => {
  await Authority.ensure(directory, now);
  clock += 3651 * DAY_MS;
  await assertRejects(() => Authority.ensure(directory, now), /ca\.crt is not valid now/);
  clock -= 3651 * DAY_MS;
  const elsewhere = join(directory, 'other');
  await Authority.ensure(elsewhere, now);
  await writeFile(join(directory, 'ca.key'), await readFile(join(elsewhere, 'ca.key')));
  await assertRejects(() => Authority.ensure(directory, now), /does not belong to the key/);
});

test('a TLS handshake with client certificate gives user and groups', async ({ directory }) => {
  const authority = await Authority.ensure(directory, now);
  const client = await authority.clientCertificate('jane', ['dev', 'ops']);
  const peer = await handshake(authority, client);
  assert.is(peer.authorized, true);
  assert.is(peer.certificate.subject.CN, 'jane');
  assert.equal(peer.certificate.subject.O, ['dev', 'ops']);
});

test('a client certificate of another authority is not authorized', async ({ directory }) => {
  const authority = await Authority.ensure(directory, now);
  const other = await Authority.ensure(join(directory, 'other'), now);
  assert.is((await handshake(authority, await other.clientCertificate('jane', []))).authorized, false);
});

test('a kubeconfig holds the authority and either token or certificate', async ({ directory }) => {
  const { pair } = await Authority.ensure(directory, now);
  const text = kubeconfigText({
    server: 'https://127.0.0.1:6443',
    authority: pair.certificate,
    user: 'me',
    token: 'secret',
  });
  assert.match(text, /server: https:\/\/127\.0\.0\.1:6443/);
  assert.match(text, /token: secret/);
  assert.match(text, `certificate-authority-data: ${Buffer.from(pair.certificate).toString('base64').slice(0, 40)}`);
  const by = kubeconfigText({ server: 'https://h', user: 'me', certificate: pair });
  assert.match(by, /client-certificate-data/);
  assert.match(by, /client-key-data/);
});

async function handshake(
  authority: Authority,
  client: KeyPair,
): Promise<{ authorized: boolean; certificate: PeerCertificate }> {
  const { certificate, key } = await authority.serverCertificate();
  const ca = authority.pair.certificate;
  const server = createServer({ cert: certificate, key, ca, requestCert: true, rejectUnauthorized: false });
  server.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const accepted = new Promise<TLSSocket>((done) => server.once('secureConnection', done));
  const { port } = server.address() as { port: number };
  const socket = connect({ port, host: '127.0.0.1', ca, cert: client.certificate, key: client.key });
  try {
    const peer = await accepted;
    return { authorized: peer.authorized, certificate: peer.getPeerCertificate() };
  } finally {
    socket.destroy();
    server.close();
  }
}

async function assertRejects(call: () => Promise<unknown>, message: RegExp): Promise<void> {
  const error = await call().then(
    () => undefined,
    (reason: Error) => reason,
  );
  assert.match(String(error?.message), message);
}

test.run();
