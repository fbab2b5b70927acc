package dev.flotilla.mirror.ops;

import dev.flotilla.mirror.pages.Explanation;
import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.policy.Hidden;
import dev.flotilla.mirror.policy.Rule;
import dev.flotilla.mirror.policy.View;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.SortedSet;
import java.util.TreeSet;

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
                        .append(trouble.latest().equals(trouble.since()) ? "" : ", asked last at " + trouble.latest())
                        .append(trouble.until()
                                .map(until -> ", asked again from " + until + " on: ")
                                .orElse(", asked again with the next request: "))
                        .append(trouble.reason())
                        .append('\n'));
        explanation.page().ifPresentOrElse(page -> append(text, page), () -> text.append(withoutPage(explanation)));
        return text.toString();
    }

    private static String withoutPage(Explanation explanation) {
        boolean askable = explanation.admission() instanceof Admission.Open
                && explanation.trouble().isEmpty();
        return askable
                ? "no page is kept: nobody has asked for it yet, or it has left; ask for /simple/" + explanation.name()
                        + "/ and then here again\n"
                : "no page is kept\n";
    }

    private static void append(StringBuilder text, Explanation.Page page) {
        text.append("page: from ").append(page.upstream());
        page.serial().ifPresent(serial -> text.append(", serial ").append(serial));
        text.append(", confirmed ").append(page.confirmed());
        text.append(", age ").append(page.age().toSeconds()).append(" s");
        text.append(page.staleSince().map(since -> ", stale since " + since).orElse(", fresh"));
        text.append(page.purged() ? "\npurged: it is fetched anew before it is served, unless upstream fails" : "");
        page.status()
                .filter(status -> !status.status().equals("active"))
                .ifPresent(status -> text.append("\nstatus: ")
                        .append(status.status())
                        .append(status.reason().map(reason -> ": " + reason).orElse("")));
        page.version().ifPresent(version -> append(text, page, version));
        text.append("\nfiles: ").append(page.shown()).append(" offered, ");
        text.append(page.hiddenCount()).append(" hidden, ");
        text.append(page.droppedCount()).append(" entries dropped\n");
        page.version()
                .ifPresent(version -> version.offered()
                        .forEach(filename ->
                                text.append("offered: ").append(filename).append('\n')));
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
        rules(page)
                .forEach(rule -> text.append(rule.token())
                        .append(" means: ")
                        .append(rule.meaning())
                        .append('\n'));
    }

    private static void append(StringBuilder text, Explanation.Page page, Explanation.Version version) {
        boolean known = page.shown() + page.hiddenCount() + page.droppedCount() > 0;
        text.append("\nversion ").append(version.version()).append(": ");
        text.append(version.listed() ? "listed upstream" : "not listed upstream");
        text.append(known ? "" : ", and the page of " + page.confirmed() + " names no file of it");
    }

    private static SortedSet<Rule> rules(Explanation.Page page) {
        var rules = new TreeSet<Rule>();
        page.hidden().forEach(hidden -> rules.add(hidden.rule()));
        return rules;
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
                                .put("latest", trouble.latest().toString())
                                .mergeIn(trouble.until()
                                        .map(until -> new JsonObject().put("until", until.toString()))
                                        .orElseGet(JsonObject::new))));
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
        var meanings = new JsonObject();
        rules(page).forEach(rule -> meanings.put(rule.token(), rule.meaning()));
        page.version()
                .ifPresent(version -> json.put("version", version.version())
                        .put("version-listed", version.listed())
                        .put("offered", new JsonArray(version.offered())));
        page.status().ifPresent(status -> json.put("status", status.status()));
        return json.put("purged", page.purged())
                .put("hidden", hidden)
                .put("dropped", dropped)
                .put("rules", meanings);
    }
}
