import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";
import featureBoundaries from "./eslint/feature-boundaries.js";

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [tseslint.configs.recommended, jsxA11y.flatConfigs.strict],
    plugins: { "react-hooks": reactHooks, benhan: { rules: { "feature-boundaries": featureBoundaries } } },
    rules: {
      "benhan/feature-boundaries": "error",
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "no-console": "error",
      eqeqeq: "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // A label that wraps its input is nested; the rule's default asks for both ways at once.
      "jsx-a11y/label-has-associated-control": ["error", { assert: "either" }],
    },
  },
  { files: ["eslint/**/*.js", "scripts/**/*.mjs", "e2e/**/*.mjs", "*.config.js"], extends: [tseslint.configs.recommended] },
);
