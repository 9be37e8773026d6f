/** The shell, files and logs of pods that are made up. */
import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FILES_LIMIT_BYTES, MadeUpFiles } from '../../../runtime/node/made-up/files.ts';
import { generatedLog, LINES_LIMIT } from '../../../runtime/node/made-up/generated-log.ts';
import { runCommand } from '../../../runtime/node/made-up/shell.ts';

const VARIABLES = { COLOUR: 'red' };

async function run(
  command: string[],
  { files = new MadeUpFiles(), input = '' } = {},
): Promise<[number, string, string]> {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stdin.end(input);
  const streams = { stdin, stdout, stderr, tty: false, gone: new AbortController().signal, onResize: () => {} };
  const code = await runCommand(command, { hostname: 'web', variables: VARIABLES, files }, streams);
  return [code, String(stdout.read() ?? ''), String(stderr.read() ?? '')];
}

const SCRIPTS: [sentence: string, script: string, code: number, out: string, err: string][] = [
  ['words are joined', 'echo a   b', 0, 'a b\n', ''],
  ['quotes keep spaces', 'echo "a   b" \'c  $COLOUR\'', 0, 'a   b c  $COLOUR\n', ''],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own braces.
  ['variables are put in', 'echo $COLOUR "${COLOUR}s" $NONE', 0, 'red reds \n', ''],
  ['commands follow each other', 'echo a; echo b', 0, 'a\nb\n', ''],
  ['&& stops at a failure', 'false && echo a', 1, '', ''],
  ['|| goes on after a failure', 'false || echo a', 0, 'a\n', ''],
  ['the code of exit is the script’s', 'exit 7; echo a', 7, '', ''],
  ['exit codes are a byte', 'exit 257', 1, '', ''],
  ['output can go to the other stream', 'echo no >&2', 0, '', 'no\n'],
  ['output can go to a file and come back', 'echo a > /tmp/f; echo b >> /tmp/f; cat /tmp/f', 0, 'a\nb\n', ''],
  ['a program that is not there is told by the shell', 'nosuch', 127, '', 'sh: nosuch: not found\n'],
  ['a file that is not there', 'cat /x', 1, '', "cat: can't open '/x': No such file or directory\n"],
  ['a quote that is not closed', "echo 'a", 2, '', 'sh: syntax error: unterminated quoted string\n'],
  [
    'pipes are not known, and it says so',
    'echo a | cat',
    2,
    '',
    "sh: '|' is not known to the shell of a made-up pod\n",
  ],
  ['a file is no directory', 'echo a > /tmp/f; test -d /tmp/f', 1, '', ''],
  ['the directory of a file is one', 'echo a > /d/f; test -d /d && ls /d', 0, 'f\n', ''],
];
for (const [sentence, script, code, out, err] of SCRIPTS) {
  test(sentence, async () => assert.equal(await run(['sh', '-c', script]), [code, out, err]));
}

test('a script may come line by line on the input', async () => {
  assert.equal(await run(['sh'], { input: 'echo a\nexit 4\necho b\n' }), [4, 'a\n', '']);
});

test('what tar packs, tar unpacks', async () => {
  const files = new MadeUpFiles();
  files.write('/d/one', Buffer.from('1'));
  files.write('/d/two', Buffer.from('2'));
  const stdout = new PassThrough();
  const streams = { stdout, tty: false, gone: new AbortController().signal, onResize: () => {} };
  const surroundings = { hostname: 'web', variables: {}, files };
  assert.is(await runCommand(['tar', 'cf', '-', '/d'], surroundings, streams), 0);
  const archive = stdout.read() as Buffer;
  const other = new MadeUpFiles();
  const stdin = new PassThrough();
  stdin.end(archive);
  const code = await runCommand(
    ['tar', '-xmf', '-', '-C', '/copy'],
    { ...surroundings, files: other },
    { ...streams, stdin },
  );
  assert.is(code, 0);
  assert.equal(other.under('/'), ['/copy/d/one', '/copy/d/two']);
  assert.is(String(other.read('/copy/d/two')), '2');
});

test('a full disk refuses, and what was there stays', () => {
  const files = new MadeUpFiles();
  files.write('/a', Buffer.alloc(FILES_LIMIT_BYTES));
  assert.throws(() => files.write('/b', Buffer.alloc(1)), /No space left/);
  files.write('/a', Buffer.alloc(1));
  files.write('/b', Buffer.alloc(FILES_LIMIT_BYTES - 1));
  assert.throws(() => files.write('/c', Buffer.alloc(1)), /No space left/);
  assert.ok(files.remove('/b'));
  files.write('/c', Buffer.alloc(1));
});

const OPTIONS = { container: 'a', follow: false, previous: false, timestamps: false };
async function lines(now: number, more: object = {}): Promise<string[]> {
  const got: string[] = [];
  const log = generatedLog(
    { name: 'x', startedMs: 0, endedMs: () => undefined },
    { ...OPTIONS, ...more },
    () => now,
    new AbortController().signal,
  );
  for await (const line of log) got.push(Buffer.from(line).toString().trim());
  return got;
}

test('a log has a line a second, and the same ones when asked again', async () => {
  assert.equal(await lines(2500), ['x: line 1', 'x: line 2', 'x: line 3']);
  assert.equal(await lines(3500), ['x: line 1', 'x: line 2', 'x: line 3', 'x: line 4']);
  assert.equal(await lines(3500, { tailLines: 1 }), ['x: line 4']);
  assert.equal(await lines(3500, { tailLines: 0 }), []);
  assert.equal(await lines(3500, { sinceMs: 2000, timestamps: true }), [
    '1970-01-01T00:00:02.000000000Z x: line 3',
    '1970-01-01T00:00:03.000000000Z x: line 4',
  ]);
});

test('a log never has more lines than its limit', async () => {
  const got = await lines(LINES_LIMIT * 2000);
  assert.is(got.length, LINES_LIMIT);
  assert.is(got.at(-1), `x: line ${LINES_LIMIT * 2 + 1}`);
});

test('a followed log ends with its container', async () => {
  let now = 0;
  let endedMs: number | undefined;
  const log = { name: 'x', startedMs: 0, endedMs: () => endedMs };
  const got: string[] = [];
  for await (const line of generatedLog(log, { ...OPTIONS, follow: true }, () => now, new AbortController().signal)) {
    got.push(Buffer.from(line).toString().trim());
    now += 1000;
    if (got.length === 3) endedMs = 3500;
  }
  assert.equal(got, ['x: line 1', 'x: line 2', 'x: line 3', 'x: line 4']);
});

test('a followed log ends with its reader', async () => {
  const gone = new AbortController();
  let now = 0;
  const log = generatedLog(
    { name: 'x', startedMs: 0, endedMs: () => undefined },
    { ...OPTIONS, follow: true },
    () => now,
    gone.signal,
  );
  assert.is(Buffer.from((await log.next()).value ?? '').toString(), 'x: line 1\n');
  now = 1000;
  assert.is(Buffer.from((await log.next()).value ?? '').toString(), 'x: line 2\n');
  const last = log.next();
  gone.abort();
  assert.ok((await last).done);
});

test.run();
