package dev.flotilla.vocabulary;

/**
 * A pattern of project names in their normal form (PEP 503): {@code *} stands for any characters, none included, every other
 * character for itself. At most 200 characters. Matching takes time in proportion to the product of both lengths at most.
 */
public record NamePattern(String text) {
    private static final int LONGEST = 200;

    public NamePattern {
        if (text.isEmpty() || text.length() > LONGEST || !text.chars().allMatch(NamePattern::mayStand)) {
            throw new IllegalArgumentException("no pattern of project names: '" + text
                    + "' (names are in normal form here: a-z, 0-9 and '-'; '*' stands for any characters)");
        }
    }

    private static boolean mayStand(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '*';
    }

    /** Whether all of the name fits. */
    public boolean matches(ProjectName name) {
        String normal = name.normal();
        int at = 0;
        int inPattern = 0;
        int star = -1;
        int afterStar = 0;
        while (at < normal.length()) {
            if (inPattern < text.length() && text.charAt(inPattern) == '*') {
                star = inPattern++;
                afterStar = at;
            } else if (inPattern < text.length() && text.charAt(inPattern) == normal.charAt(at)) {
                inPattern++;
                at++;
            } else if (star >= 0) {
                inPattern = star + 1;
                at = ++afterStar;
            } else {
                return false;
            }
        }
        while (inPattern < text.length() && text.charAt(inPattern) == '*') {
            inPattern++;
        }
        return inPattern == text.length();
    }

    @Override
    public String toString() {
        return text;
    }
}
