import "@/ui/tokens.css";
import "@/ui/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Boundary } from "@/app/boundary";
import { Gate } from "@/app/gate";
import { queryClient } from "@/app/query-client";
import { startPrefs } from "@/lib/prefs";

startPrefs();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Boundary>
          <Gate />
        </Boundary>
      </QueryClientProvider>
    </StrictMode>,
  );
}
