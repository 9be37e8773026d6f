import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError, errorsOf, formatProblem, hasErrors, type Problem } from '../../core/errors.ts';

const whole: Problem = {
  source: 'web.yaml',
  line: 12,
  column: 18,
  object: 'pod default/web',
  path: 'spec.containers[0].resources.requests.cpu',
  message: "'half a core' is not a quantity",
  severity: 'error',
};
const cases: { name: string; problem: Problem; text: string }[] = [
  {
    name: 'everything is known',
    problem: whole,
    text: "web.yaml:12:18: pod default/web: spec.containers[0].resources.requests.cpu: 'half a core' is not a quantity",
  },
  {
    name: 'a warning says that it is one',
    problem: { ...whole, severity: 'warning', path: 'spec.foo', message: 'unknown field' },
    text: 'web.yaml:12:18: warning: pod default/web: spec.foo: unknown field',
  },
  {
    name: 'a file as a whole',
    problem: { source: 'a', path: '', message: 'is empty', severity: 'error' },
    text: 'a: is empty',
  },
  {
    name: 'a column without its line is not shown',
    problem: { source: 'a', column: 3, path: 'kind', message: 'is required', severity: 'error' },
    text: 'a: kind: is required',
  },
  {
    name: 'no source',
    problem: { path: 'kind', message: 'is required', severity: 'error' },
    text: 'kind: is required',
  },
];
for (const { name, problem, text } of cases) {
  test(`formatProblem: ${name}`, () => assert.is(formatProblem(problem), text));
}

test('ApiError carries every problem, its message one line for each', () => {
  const cause = new Error('below');
  const error = new ApiError('Invalid', [whole, { ...whole, line: 13 }], { cause });
  assert.is(error.code, 'Invalid');
  assert.is(error.name, 'ApiError');
  assert.is(error.message.split('\n').length, 2);
  assert.is(error.problems.length, 2);
  assert.is(error.cause, cause);
});

test('a warning alone refuses nothing', () => {
  const warning: Problem = { ...whole, severity: 'warning' };
  assert.not(hasErrors([warning]));
  assert.ok(hasErrors([warning, whole]));
  assert.equal(errorsOf([warning, whole]), [whole]);
});

test.run();
