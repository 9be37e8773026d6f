import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseFlags } from '../../../runtime/cli/flags.ts';
import { distance, suggest, UsageError } from '../../../runtime/cli/usage-error.ts';

const spec = {
  name: 'try',
  flags: [
    { name: 'seed', value: 'N', about: '' },
    { name: 'output', short: 'o', value: 'table|json', about: '' },
    { name: 'strict', about: '' },
  ],
};

const refused: { name: string; args: string[]; says: string }[] = [
  { name: 'an unknown flag, with the nearest', args: ['--sed', '1'], says: 'unknown flag --sed, did you mean --seed?' },
  { name: 'an unknown flag that is like no other', args: ['--zzzzzz'], says: 'unknown flag --zzzzzz' },
  { name: 'an unknown letter', args: ['-x'], says: 'unknown flag -x' },
  { name: 'a flag given twice', args: ['--seed', '1', '--seed', '2'], says: '--seed is given twice' },
  { name: 'a flag without its value at the end', args: ['--seed'], says: '--seed needs a value: --seed N' },
  { name: 'a flag with an empty value', args: ['--seed='], says: '--seed needs a value: --seed N' },
  { name: 'a switch with a value', args: ['--strict=yes'], says: '--strict takes no value' },
];
for (const { name, args, says } of refused) {
  test(`flags refuse ${name}`, () =>
    assert.throws(
      () => parseFlags(spec, args),
      (e: unknown) => e instanceof UsageError && e.message === says,
    ));
}

const wholes: { name: string; text: string; value?: number }[] = [
  { name: 'zero', text: '0', value: 0 },
  { name: 'a number', text: '42', value: 42 },
  { name: 'the largest exact whole number', text: '9007199254740991', value: 9007199254740991 },
  { name: 'one more than that', text: '9007199254740992' },
  { name: 'a fraction', text: '1.5' },
  { name: 'an exponent', text: '1e3' },
  { name: 'hexadecimal', text: '0x10' },
  { name: 'a word', text: 'abc' },
  { name: 'a sign', text: '+1' },
  { name: 'a space', text: ' 1' },
];
for (const { name, text, value } of wholes) {
  test(`--seed: ${name} is ${value === undefined ? 'refused' : 'taken'}`, () => {
    const flags = parseFlags(spec, [`--seed=${text}`]);
    if (value === undefined) assert.throws(() => flags.whole('seed', 1), /--seed: .* is not a whole number from 0/);
    else assert.is(flags.whole('seed', 1), value);
  });
}
test('--seed: a negative number is refused by its own message', () => {
  assert.throws(() => parseFlags(spec, ['--seed=-5']).whole('seed', 1), /'-5' is not a whole number/);
});
test('a number outside the bounds is refused', () => {
  assert.throws(() => parseFlags(spec, ['--seed', '0']).whole('seed', 5, 1, 9), /--seed: 0 is not from 1 to 9/);
});

test('a choice is one of the words, with the nearest beside a wrong one', () => {
  assert.is(parseFlags(spec, ['-o', 'json']).choice('output', ['table', 'json'], 'table'), 'json');
  assert.is(parseFlags(spec, []).choice('output', ['table', 'json'], 'table'), 'table');
  assert.throws(
    () => parseFlags(spec, ['-o', 'jsno']).choice('output', ['table', 'json'], 'table'),
    /--output: 'jsno' is none of table, json, did you mean json\?/,
  );
});
test('words are what is no flag, in order; after -- everything is a word', () => {
  assert.equal([...parseFlags(spec, ['a', '--strict', 'b', '--', '--seed']).words], ['a', 'b', '--seed']);
});

const slips = [
  { a: '', b: 'abc', is: 3 },
  { a: 'decide', b: 'decide', is: 0 },
  { a: 'decied', b: 'decide', is: 1 },
  { a: 'simulte', b: 'simulate', is: 1 },
  { a: 'kitten', b: 'sitting', is: 3 },
];
for (const { a, b, is } of slips)
  test(`distance: '${a}' and '${b}' are ${is} slips apart`, () => assert.is(distance(a, b), is));

test('suggest: the beginning of a word is near it, something else is not', () => {
  assert.is(suggest('simu', ['start', 'simulate']), ', did you mean simulate?');
  assert.is(suggest('destroy', ['start', 'simulate', 'explain', 'decide']), '');
});

test.run();
