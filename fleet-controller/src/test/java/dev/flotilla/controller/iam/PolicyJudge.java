package dev.flotilla.controller.iam;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whether a policy allows a call, by what AWS documents of policies (Identity and Access Management User Guide, "Policy evaluation logic",
 * "Multivalued context keys"): what no statement allows is refused. It knows what the fleet's policies are made of, and fails at all else.
 */
record PolicyJudge(JsonObject policy) {
    /**
     * A call.
     *
     * @param context values by the condition key that they belong to
     */
    record Call(String action, String resource, Map<String, List<String>> context) {}

    boolean allows(Call call) {
        return policy.sequence("Statement").stream()
                .map(JsonObject.class::cast)
                .anyMatch(statement -> allows(statement, call));
    }

    private static boolean allows(JsonObject statement, Call call) {
        if (!statement.text("Effect").equals("Allow")
                || statement.members().keySet().stream()
                        .anyMatch(key -> !List.of("Sid", "Effect", "Action", "Resource", "Condition")
                                .contains(key))) {
            throw new AssertionError("this judge doesn't know " + statement);
        }
        return texts(statement, "Action").stream()
                        .anyMatch(action -> like(action, Pattern.CASE_INSENSITIVE)
                                .matcher(call.action())
                                .matches())
                && texts(statement, "Resource").stream()
                        .anyMatch(resource ->
                                like(resource, 0).matcher(call.resource()).matches())
                && (!statement.members().containsKey("Condition") || holds(statement.object("Condition"), call));
    }

    /** All operators, and all keys of each. */
    private static boolean holds(JsonObject conditions, Call call) {
        return conditions.members().keySet().stream()
                .allMatch(operator -> conditions.object(operator).members().keySet().stream()
                        .allMatch(key -> holds(
                                operator,
                                texts(conditions.object(operator), key),
                                call.context().getOrDefault(key, List.of()))));
    }

    /** Each value of the call has to be one of the policy's; where the call has none, that is so. */
    private static boolean holds(String operator, List<String> wanted, List<String> values) {
        return switch (operator) {
            case "ForAllValues:StringEquals" -> wanted.containsAll(values);
            case "ForAllValues:StringLike" ->
                values.stream()
                        .allMatch(value -> wanted.stream()
                                .anyMatch(pattern ->
                                        like(pattern, 0).matcher(value).matches()));
            default -> throw new AssertionError("this judge doesn't know " + operator);
        };
    }

    /** {@code *} is any text, dots too, and {@code ?} any character. */
    private static Pattern like(String pattern, int flags) {
        return Pattern.compile(
                pattern.chars()
                        .mapToObj(character -> switch (character) {
                            case '*' -> ".*";
                            case '?' -> ".";
                            default -> Pattern.quote(Character.toString(character));
                        })
                        .collect(Collectors.joining()),
                flags | Pattern.DOTALL);
    }

    private static List<String> texts(JsonObject object, String key) {
        return object.sequence(key).stream()
                .map(text -> ((Json.Text) text).value())
                .toList();
    }
}
