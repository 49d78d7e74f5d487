// Reads a HAR by har-validator and by the importer of Chromium's developer tools, and prints what both find.
//   node har.mjs FILE

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const require = createRequire(import.meta.url);
const validate = require('har-validator/lib/promise.js');
const text = await readFile(process.argv[2], 'utf8');
const valid = await validate.har(JSON.parse(text)).then(() => true, error => error.message + JSON.stringify(error.errors));

// The importer is TypeScript for a browser. One module of it is made by Chromium's build: the list of languages.
const entry = `
  import * as HAR from './node_modules/chrome-devtools-frontend/front_end/models/har/har.js';
  export const run = text => {
    const log = new HAR.HARFormat.HARRoot(JSON.parse(text)).log;
    return HAR.Importer.Importer.requestsFromHARLog(log).map(request => ({
      frames: request.frames().map(frame => [frame.type, frame.time, frame.opCode, frame.text]),
      events: request.eventSourceMessages().map(message => [message.time, message.eventName, message.eventId, message.data]),
    }));
  };`;
const stub = {
  name: 'languages',
  setup(build) {
    build.onResolve({ filter: /locales\.js$/ }, () => ({ path: 'languages', namespace: 'stub' }));
    build.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({
      contents: 'export const LOCALES = ["en-US"], BUNDLED_LOCALES = ["en-US"], DEFAULT_LOCALE = "en-US", REMOTE_FETCH_PATTERN = "", LOCAL_FETCH_PATTERN = "";',
    }));
    build.onResolve({ filter: /\.js$/ }, async ({ path, resolveDir, pluginData }) => {
      if (pluginData === 'done' || !path.startsWith('.')) return;
      for (const name of [path, path.replace(/\.js$/, '.ts')]) {
        const found = await build.resolve(name, { resolveDir, kind: 'import-statement', pluginData: 'done' });
        if (!found.errors.length) return found;
      }
    });
  },
};
await esbuild.build({
  stdin: { contents: entry, resolveDir: process.cwd(), loader: 'ts' },
  bundle: true, format: 'esm', platform: 'node', outfile: 'importer.mjs', plugins: [stub], logLevel: 'error',
});
globalThis.self ??= globalThis;
const { run } = await import(pathToFileURL('importer.mjs').href);
console.log(JSON.stringify({ valid, requests: run(text) }));
