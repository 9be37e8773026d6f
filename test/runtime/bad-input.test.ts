/** Wrong input at every command: one clear message with file and place, exit code 2, no stack, nothing written. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BAD_CASES,
  BAD_CONFIGS,
  BAD_MANIFESTS,
  BAD_NODES,
  BAD_PODS,
  type BadFile,
  GOOD_CASE,
  GOOD_MANIFEST,
  GOOD_NODES,
  GOOD_PODS,
} from '../support/bad-files.ts';
import { folderOf, keelson, type Ran } from '../support/keelson.ts';

/** So much is still one clear message. */
const MAX_LINES = 22;
const MAX_LINE = 600;

const ways: {
  command: string;
  files: readonly BadFile[];
  beside: Record<string, string>;
  args(file: string): string[];
}[] = [
  { command: 'simulate FILE', files: BAD_MANIFESTS, beside: {}, args: (file) => ['simulate', file] },
  { command: 'explain POD FILE', files: BAD_MANIFESTS, beside: {}, args: (file) => ['explain', 'web', file] },
  {
    command: 'simulate FILE --config',
    files: BAD_CONFIGS,
    beside: { 'good.yaml': GOOD_MANIFEST },
    args: (file) => ['simulate', 'good.yaml', '--config', file],
  },
  {
    command: 'simulate --nodes',
    files: BAD_NODES,
    beside: { 'good-pods.csv': GOOD_PODS },
    args: (file) => ['simulate', '--nodes', file, '--pods', 'good-pods.csv', '--policy', 'FGD', '--report', 'out.html'],
  },
  {
    command: 'simulate --pods',
    files: BAD_PODS,
    beside: { 'good-nodes.csv': GOOD_NODES },
    args: (file) => ['simulate', '--nodes', 'good-nodes.csv', '--pods', file, '--policy', 'FGD', '-o', 'json'],
  },
  { command: 'decide', files: BAD_CASES, beside: {}, args: (file) => ['decide', file] },
  {
    command: 'decide, with a good file before it',
    files: BAD_CASES.slice(0, 6),
    beside: { 'good.jsonl': GOOD_CASE },
    args: (file) => ['decide', 'good.jsonl', file],
  },
];

for (const { command, files, beside, args } of ways) {
  for (const { name, file, content, place } of files) {
    test(`${command}: ${name} (${file})`, () => {
      const folder = folderOf({ ...beside, [file]: content });
      try {
        const before = readdirSync(folder.path);
        const ran = keelson(args(file), { cwd: folder.path });
        refusedPolitely(ran);
        assert.ok(ran.err.includes(file), `the file is named: ${ran.err}`);
        if (place) assert.match(ran.err, place);
        assert.equal(readdirSync(folder.path), before);
      } finally {
        folder.remove();
      }
    });
  }
}

const flagCases: { name: string; args: string[]; says: RegExp }[] = [
  { name: 'start: a seed that is no number', args: ['start', '--seeds', 'abc'], says: /--seeds.*abc/ },
  { name: 'start: an empty range of seeds', args: ['start', '--seeds', '51..42'], says: /--seeds.*51\.\.42/ },
  { name: 'start: a policy nobody knows', args: ['start', '--policy', 'FDG'], says: /--policy.*FDG/ },
  {
    name: 'start: a report in a folder that is not there',
    args: ['start', '--report', 'no/where.html'],
    says: /no\/where\.html/,
  },
  { name: 'start: a word too many', args: ['start', 'now'], says: /now/ },
  { name: 'start: no threads', args: ['start', '--threads', '0'], says: /--threads/ },
  { name: 'simulate: a seed that is no number', args: ['simulate', 'good.yaml', '--seed', 'abc'], says: /--seed.*abc/ },
  {
    name: 'simulate: seeds of a trace that are no numbers',
    args: ['simulate', '--nodes', 'n.csv', '--pods', 'p.csv', '--policy', 'FGD', '--seeds', '1.5'],
    says: /--seeds.*1\.5/,
  },
  { name: 'simulate: nothing to simulate', args: ['simulate'], says: /DIR or FILE/ },
  {
    name: 'simulate: nodes without pods',
    args: ['simulate', '--nodes', 'n.csv', '--policy', 'FGD'],
    says: /--pods is missing/,
  },
  {
    name: 'simulate: flags of two ways',
    args: ['simulate', '--verify', 'openb', '--nodes', 'n.csv'],
    says: /--nodes does not go with --verify/,
  },
  { name: 'simulate: another experiment', args: ['simulate', '--verify', 'openc'], says: /openc.*did you mean openb/ },
  {
    name: 'simulate: an artefact that is not there',
    args: ['simulate', '--verify', 'openb', '--data', 'nowhere'],
    says: /nowhere/,
  },
  { name: 'simulate: a file that is not there', args: ['simulate', 'nowhere.yaml'], says: /nowhere\.yaml/ },
  {
    name: 'simulate: a configuration that is not there',
    args: ['simulate', 'good.yaml', '--config', 'nowhere.yaml'],
    says: /nowhere\.yaml/,
  },
  {
    name: 'simulate: a decider that is not there',
    args: ['simulate', 'good.yaml', '--decider', 'scam'],
    says: /did you mean scan/,
  },
  {
    name: 'simulate: a tie rule that is not there',
    args: ['simulate', 'good.yaml', '--tie', 'last'],
    says: /--tie.*last/,
  },
  { name: 'simulate: a folder without manifests', args: ['simulate', 'empty-folder'], says: /empty-folder/ },
  { name: 'explain: no pod', args: ['explain'], says: /POD/ },
  { name: 'explain: no file', args: ['explain', 'web'], says: /FILE/ },
  {
    name: 'explain: a pod that is not there',
    args: ['explain', 'webb', 'good.yaml'],
    says: /webb.*did you mean (default\/)?web\?/,
  },
  {
    name: 'explain: a seed that is no number',
    args: ['explain', 'web', 'good.yaml', '--seed', '1e9'],
    says: /--seed.*1e9/,
  },
  { name: 'decide: no file', args: ['decide'], says: /needs a file/ },
  { name: 'decide: a file that is not there', args: ['decide', 'nowhere.jsonl'], says: /nowhere\.jsonl/ },
  { name: 'decide: a folder', args: ['decide', 'empty-folder'], says: /empty-folder/ },
  {
    name: 'decide: a decider that is not there',
    args: ['decide', 'good.jsonl', '--decider', 'engin'],
    says: /--decider.*engin/,
  },
  { name: 'a command nobody knows', args: ['simulatte'], says: /did you mean simulate/ },
  { name: 'help for a command nobody knows', args: ['help', 'strat'], says: /did you mean start/ },
  { name: 'a flag before the command', args: ['--halp'], says: /--halp, did you mean --help/ },
];
for (const { name, args, says } of flagCases) {
  test(`flags: ${name}`, () => {
    const folder = folderOf({
      'good.yaml': GOOD_MANIFEST,
      'good.jsonl': GOOD_CASE,
      'n.csv': GOOD_NODES,
      'p.csv': GOOD_PODS,
    });
    try {
      folder.addFolder('empty-folder');
      const before = readdirSync(folder.path);
      const ran = keelson(args, { cwd: folder.path });
      refusedPolitely(ran);
      assert.match(ran.err, says);
      assert.equal(readdirSync(folder.path), before);
      assert.equal(readdirSync(join(folder.path, 'empty-folder')), []);
    } finally {
      folder.remove();
    }
  });
}

function refusedPolitely({ code, signal, out, err }: Ran): void {
  assert.is(signal, null);
  assert.is(code, 2, err);
  assert.is(out, '', 'nothing on stdout');
  assert.not.match(err, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  assert.not.match(err, /bug in keelson/);
  assert.match(err, /^keelson: /);
  const lines = err.trimEnd().split('\n');
  assert.ok(lines.length <= MAX_LINES, `${lines.length} lines`);
  for (const line of lines) assert.ok(line.length <= MAX_LINE, `a line of ${line.length} characters`);
}

test.run();
