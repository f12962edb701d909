// A feature folder may import the shared layers (ui, lib, api, i18n), packages, and itself: never another feature.
// Composition of features happens in src/app.
import path from "node:path";

const SHARED = new Set(["ui", "lib", "api", "i18n"]);

function placeOf(file) {
  const parts = path.relative(path.join(import.meta.dirname, "../src"), file).split(path.sep);
  return parts[0] === "features" ? { layer: "features", feature: parts[1] } : { layer: parts[0], feature: null };
}

function targetOf(file, source) {
  if (source.startsWith("@/")) return placeOf(path.join(import.meta.dirname, "../src", source.slice(2)));
  if (source.startsWith(".")) return placeOf(path.resolve(path.dirname(file), source));
  return null;
}

export default {
  meta: { type: "problem", schema: [], messages: { crossing: "{{from}} may not import {{to}}: features share only ui, lib, api and i18n." } },
  create(context) {
    const from = placeOf(context.filename);
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== "string") return;
      const to = targetOf(context.filename, source);
      if (!to) return;
      const own = to.layer === "features" && to.feature === from.feature;
      const fromFeature = from.layer === "features" && !own && !SHARED.has(to.layer);
      const fromShared = SHARED.has(from.layer) && !SHARED.has(to.layer);
      if (fromFeature || fromShared) {
        const name = (place) => (place.feature ? `features/${place.feature}` : place.layer);
        context.report({ node, messageId: "crossing", data: { from: name(from), to: name(to) } });
      }
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};
