/** Loaded before a test file (`node --import`): the properties of the file draw from the seed that KEELSON_SEED names. */
import fc from 'fast-check';

const seed = Number(process.env.KEELSON_SEED);
if (!Number.isInteger(seed)) throw new Error(`KEELSON_SEED is no whole number: ${process.env.KEELSON_SEED}`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
