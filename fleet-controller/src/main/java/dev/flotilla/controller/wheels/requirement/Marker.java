package dev.flotilla.controller.wheels.requirement;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a requirement applies (PEP 508, "Environment markers"). Immutable. */
public final class Marker {
    /** Of these two values are compared as versions, unless they are none. */
    private static final Set<String> VERSIONS = Set.of(
            MarkerEnvironment.PYTHON_VERSION,
            MarkerEnvironment.FULL_VERSION,
            MarkerEnvironment.IMPLEMENTATION_VERSION,
            "platform_release");

    private static final Set<String> PATCHED =
            Set.of(MarkerEnvironment.FULL_VERSION, MarkerEnvironment.IMPLEMENTATION_VERSION);
    private static final Set<String> SETS = Set.of("extras", "dependency_groups");
    private static final String EXTRA = "extra";

    /** No release of a Python comes near. */
    private static final int LAST_PATCH = 9_999;

    private final Expression expression;

    Marker(Expression expression) {
        this.expression = expression;
    }

    /** Whether something applies, as far as it is known. */
    public enum Verdict {
        YES,
        NO,
        /** It depends on what nobody knows of a machine that isn't there. */
        PERHAPS;

        static Verdict of(boolean applies) {
            return applies ? YES : NO;
        }

        private Verdict and(Verdict other) {
            return this == NO || other == NO ? NO : this == YES ? other : PERHAPS;
        }

        private Verdict or(Verdict other) {
            return this == YES || other == YES ? YES : this == NO ? other : PERHAPS;
        }
    }

    sealed interface Expression {
        record And(Expression left, Expression right) implements Expression {}

        record Or(Expression left, Expression right) implements Expression {}

        /** One of them is a variable, perhaps both or none. */
        record Comparison(Operand left, String operator, Operand right) implements Expression {}
    }

    sealed interface Operand {
        record Variable(String name) implements Operand {}

        record Literal(String value) implements Operand {}
    }

    /** Reads it as it is written; {@link IllegalArgumentException} says what was expected where. */
    public static Marker parse(String text) {
        return new MarkerParser(text).whole();
    }

    /** Whether it holds there, for one of the extras that are asked for or, where none are, for no extra at all. */
    public Verdict holds(MarkerEnvironment environment) {
        if (environment.extras().isEmpty()) {
            return judge(expression, environment, "");
        }
        Verdict any = Verdict.NO;
        for (String extra : new TreeSet<>(environment.extras())) {
            any = any.or(judge(expression, environment, extra));
        }
        return any;
    }

    private static Verdict judge(Expression expression, MarkerEnvironment environment, String extra) {
        return switch (expression) {
            case Expression.And(Expression left, Expression right) ->
                judge(left, environment, extra).and(judge(right, environment, extra));
            case Expression.Or(Expression left, Expression right) ->
                judge(left, environment, extra).or(judge(right, environment, extra));
            case Expression.Comparison comparison -> judge(comparison, environment, extra);
        };
    }

    private static Verdict judge(Expression.Comparison comparison, MarkerEnvironment environment, String extra) {
        Optional<String> unknown = variable(comparison)
                .filter(name ->
                        PATCHED.contains(name) && environment.value(name).isEmpty());
        if (unknown.isPresent()
                && environment.value(MarkerEnvironment.PYTHON_VERSION).isPresent()) {
            return overPatches(comparison, environment, unknown.get());
        }
        String name = variable(comparison).orElse("");
        if (SETS.contains(name)) {
            // An installation of what isn't a project itself asks for neither.
            return Verdict.of(comparison.operator().equals("not in"));
        }
        Optional<String> left = value(comparison.left(), environment, extra);
        Optional<String> right = value(comparison.right(), environment, extra);
        if (left.isEmpty() || right.isEmpty()) {
            return Verdict.PERHAPS;
        }
        boolean names = name.equals(EXTRA);
        return Verdict.of(compared(
                names ? MarkerEnvironment.normal(left.get()) : left.get(),
                comparison.operator(),
                names ? MarkerEnvironment.normal(right.get()) : right.get(),
                VERSIONS.contains(name)));
    }

    /** Of a Python whose last number isn't known: a comparison that holds for all of them, or for none, is clear all the same. */
    private static Verdict overPatches(
            Expression.Comparison comparison, MarkerEnvironment environment, String variable) {
        String python = environment.value(MarkerEnvironment.PYTHON_VERSION).orElseThrow();
        Set<Integer> patches = new TreeSet<>(List.of(0, 1, LAST_PATCH));
        Matcher written = Pattern.compile("\\b" + Pattern.quote(python) + "\\.([0-9]{1,3})")
                .matcher(literals(comparison));
        while (written.find()) {
            int patch = Integer.parseInt(written.group(1));
            patches.addAll(List.of(Math.max(0, patch - 1), patch, patch + 1));
        }
        boolean some = false;
        boolean all = true;
        for (int patch : patches) {
            boolean holds = judge(comparison, environment.with(variable, python + "." + patch), "") == Verdict.YES;
            some |= holds;
            all &= holds;
        }
        return some == all ? Verdict.of(all) : Verdict.PERHAPS;
    }

    private static String literals(Expression.Comparison comparison) {
        String left = comparison.left() instanceof Operand.Literal(String value) ? value : "";
        String right = comparison.right() instanceof Operand.Literal(String value) ? value : "";
        return left + " " + right;
    }

    private static Optional<String> variable(Expression.Comparison comparison) {
        return comparison.left() instanceof Operand.Variable(String name)
                ? Optional.of(name)
                : comparison.right() instanceof Operand.Variable(String other) ? Optional.of(other) : Optional.empty();
    }

    private static Optional<String> value(Operand operand, MarkerEnvironment environment, String extra) {
        return switch (operand) {
            case Operand.Literal(String value) -> Optional.of(value);
            case Operand.Variable(String name) -> name.equals(EXTRA) ? Optional.of(extra) : environment.value(name);
        };
    }

    private static boolean compared(String left, String operator, String right, boolean versions) {
        if (operator.equals("in") || operator.equals("not in")) {
            return right.contains(left) == operator.equals("in");
        }
        if (versions) {
            try {
                VersionSpecifiers specifiers = VersionSpecifiers.parse(operator + right);
                Optional<Version> version = Version.parse(left);
                return version.isPresent() && specifiers.contains(version.get(), left);
            } catch (IllegalArgumentException none) {
                // Then they are texts, as PEP 508 has it.
            }
        }
        return switch (operator) {
            case "==", "===", "<=", ">=" -> left.equals(right);
            case "!=" -> !left.equals(right);
            default -> false;
        };
    }
}
