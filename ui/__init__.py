"""The web page: thin Gradio pages over `calm`. They read run folders, start jobs and ask the model.

serving      who is let in, health, where it listens, how it ends
app          the page as a whole, and how it is served
ask          question in, answers of every language side by side, the vote
ask_recorded who answers: the model now, or a run as it was recorded
links        a link to a question with its answers
align        start an alignment, watch it, stop it, go on
votes        how far a run's votes can be trusted, what a gate keeps, whether its pairs are clean
compare      a finished alignment: numbers before and after, answers before and after
ballots      what people voted, where they disagree with the vote, all of it as files
history      the runs there are: rename, delete, duplicate, archive, open an archive
about        the method in a picture, its limits
api          the same for scripts
events       what the handlers of the pages have in common
asking       one question through the model in a thread, seen while its text streams in
replay       what was recorded, in the form in which the pages show what is asked
rights       who may change what lies on the server
models       the one model of this process, loaded in the background
gauge        how far the languages agree on one question, drawn
readers      which version of a question is for the person who reads the page
voters       who a browser is, what it judges, and the ballots it has cast
duel         the blind ballot between two models
picking      the form in which a question is chosen or typed
runs         the runs that a page may name
words        the interface's texts, in the reader's language
views        what all views share; *_views: records -> HTML; *figures: records -> drawings; pure
"""
