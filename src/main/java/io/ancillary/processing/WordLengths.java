package io.ancillary.processing;

/**
 * The built-in ancillary service: the lengths of a text's words. Words are what stands between single spaces
 * (U+0020 and nothing else), so runs of spaces give zeros; lengths are in Unicode code points.
 */
public final class WordLengths {

    private WordLengths() {
    }

    /** The lengths as a JSON array: {@code "Bat Ball"} gives {@code [3,4]}. */
    public static String of(String text) {
        StringBuilder json = new StringBuilder("[");
        int length = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            if (text.charAt(i) == ' ') {
                json.append(length).append(',');
                length = 0;
            } else {
                length++;
            }
        }
        return json.append(length).append(']').toString();
    }
}
