package dev.flotilla.mirror.ops;

import dev.flotilla.mirror.pages.Explanation;
import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.policy.Hidden;
import dev.flotilla.mirror.policy.View;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Writes an explanation for people or for programs. Pure. */
public final class ExplanationReport {
    private ExplanationReport() {}

    /** Lines of text. */
    public static String text(Explanation explanation) {
        var text = new StringBuilder("project ").append(explanation.name()).append('\n');
        if (!(explanation.view() instanceof View.Plain)) {
            text.append("view: ").append(explanation.view().path()).append('\n');
        }
        text.append(
                switch (explanation.admission()) {
                    case Admission.Open ignored -> "served: yes\n";
                    case Admission.Blocked(String reason) -> "served: no, blocked: " + reason + '\n';
                    case Admission.Private(String reason) -> "served: no, never asked upstream: " + reason + '\n';
                });
        explanation
                .trouble()
                .ifPresent(trouble -> text.append(trouble.absent() ? "unknown upstream" : "not had")
                        .append(" since ")
                        .append(trouble.since())
                        .append(", asked again from ")
                        .append(trouble.until())
                        .append(" on: ")
                        .append(trouble.reason())
                        .append('\n'));
        explanation.page().ifPresentOrElse(page -> append(text, page), () -> text.append("no page is kept\n"));
        return text.toString();
    }

    private static void append(StringBuilder text, Explanation.Page page) {
        text.append("page: from ").append(page.upstream());
        page.serial().ifPresent(serial -> text.append(", serial ").append(serial));
        text.append(", confirmed ").append(page.confirmed());
        text.append(", age ").append(page.age().toSeconds()).append(" s");
        text.append(page.staleSince().map(since -> ", stale since " + since).orElse(", fresh"));
        text.append("\nfiles: ").append(page.shown()).append(" offered, ");
        text.append(page.hiddenCount()).append(" hidden, ");
        text.append(page.droppedCount()).append(" entries dropped\n");
        for (Hidden hidden : page.hidden()) {
            text.append("hidden: ").append(hidden.file().filename());
            text.append(": ").append(hidden.rule().token());
            hidden.until().ifPresent(until -> text.append(", until ").append(until));
            text.append('\n');
        }
        page.withoutDigest()
                .forEach(name -> text.append("hidden: ").append(name).append(": no digest of it is known\n"));
        page.dropped()
                .forEach(dropped -> text.append("dropped: ")
                        .append(dropped.entry())
                        .append(": ")
                        .append(dropped.reason())
                        .append('\n'));
    }

    /** The same as a JSON object; what isn't known is left out. */
    public static String json(Explanation explanation) {
        var json = new JsonObject().put("project", explanation.name().normal());
        if (!(explanation.view() instanceof View.Plain)) {
            json.put("view", explanation.view().path());
        }
        switch (explanation.admission()) {
            case Admission.Open ignored -> json.put("admission", "open");
            case Admission.Blocked(String reason) ->
                json.put("admission", "blocked").put("reason", reason);
            case Admission.Private(String reason) ->
                json.put("admission", "private").put("reason", reason);
        }
        explanation
                .trouble()
                .ifPresent(trouble -> json.put(
                        "trouble",
                        new JsonObject()
                                .put("absent", trouble.absent())
                                .put("reason", trouble.reason())
                                .put("since", trouble.since().toString())
                                .put("until", trouble.until().toString())));
        explanation.page().ifPresent(page -> json.put("page", json(page)));
        return json.encode();
    }

    private static JsonObject json(Explanation.Page page) {
        var json = new JsonObject()
                .put("upstream", page.upstream())
                .put("confirmed", page.confirmed().toString())
                .put("age-seconds", page.age().toSeconds())
                .put("files-offered", page.shown())
                .put("files-hidden", page.hiddenCount())
                .put("entries-dropped", page.droppedCount());
        page.serial().ifPresent(serial -> json.put("serial", serial));
        page.staleSince().ifPresent(since -> json.put("stale-since", since.toString()));
        var hidden = new JsonArray();
        for (Hidden one : page.hidden()) {
            var entry = new JsonObject()
                    .put("filename", one.file().filename())
                    .put("rule", one.rule().token());
            one.until().ifPresent(until -> entry.put("until", until.toString()));
            hidden.add(entry);
        }
        page.withoutDigest()
                .forEach(name ->
                        hidden.add(new JsonObject().put("filename", name).put("rule", "digest-missing")));
        var dropped = new JsonArray();
        page.dropped()
                .forEach(entry ->
                        dropped.add(new JsonObject().put("entry", entry.entry()).put("reason", entry.reason())));
        return json.put("hidden", hidden).put("dropped", dropped);
    }
}
